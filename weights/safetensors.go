package weights

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
)

// maxSafetensorsHeader is the longest header read, in bytes: the limit of the reference reader.
const maxSafetensorsHeader = 100_000_000

// metadataName is the member of the header that holds free text; no tensor can have this name.
const metadataName = "__metadata__"

// WriteSafetensors writes the arrays, by name, and the metadata as a safetensors file. The data is streamed from the
// arrays, never copied as a whole.
//
// Equal input gives equal bytes. The header lists the names sorted; the data lies by falling element size, then in
// the order of the reference writer, so that every array is aligned to its element size (torch needs that). A file
// whose arrays have one element type equals the file of the reference writer byte for byte.
//
// It returns an error, before the first byte is written, if an array's data does not fit its shape, its type is
// unknown, or a name is reserved or not valid UTF-8.
func WriteSafetensors(w io.Writer, arrays map[string]Array, metadata map[string]string) error {
	header, order, err := safetensorsHeader(arrays, metadata)
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("weights: write of a safetensors file: %w", err)
	}
	for _, name := range order {
		if _, err := w.Write(arrays[name].Data); err != nil {
			return fmt.Errorf("weights: write of a safetensors file: %w", err)
		}
	}
	return nil
}

// dataOrder is the order of element types in the data of a safetensors file: the reference writer's.
var dataOrder = map[DType]int{U64: 0, I64: 1, F64: 2, F32: 3, U32: 4, I32: 5, BF16: 6, F16: 7, U16: 8, I16: 9, I8: 10, U8: 11, BOOL: 12}

// safetensorsHeader returns the length prefix and the padded header, and the names in the order of their data.
func safetensorsHeader(arrays map[string]Array, metadata map[string]string) (header []byte, order []string, err error) {
	names := slices.Sorted(maps.Keys(arrays))
	for _, name := range names {
		if name == metadataName {
			return nil, nil, fmt.Errorf("array %q: the name is reserved in safetensors files", name)
		}
		if err := arrays[name].check(); err != nil {
			return nil, nil, fmt.Errorf("array %q: %w", name, err)
		}
	}
	order = slices.Clone(names)
	slices.SortStableFunc(order, func(a, b string) int {
		return cmp.Compare(dataOrder[arrays[a].DType], dataOrder[arrays[b].DType])
	})
	begin, end := make(map[string]int, len(order)), 0
	for _, name := range order {
		begin[name] = end
		end += len(arrays[name].Data)
	}

	header = append(make([]byte, 8), '{')
	if len(metadata) > 0 {
		text, err := json.Marshal(metadata, json.Deterministic(true))
		if err != nil {
			return nil, nil, fmt.Errorf("metadata: %w", err)
		}
		header = append(header, `"`+metadataName+`":`...)
		header = append(append(header, text...), ',')
	}
	for _, name := range names {
		if header, err = jsontext.AppendQuote(header, name); err != nil {
			return nil, nil, fmt.Errorf("array %q: the name is not valid UTF-8", name)
		}
		a := arrays[name]
		header = append(header, `:{"dtype":"`+string(a.DType)+`","shape":[`...)
		for i, n := range a.Shape {
			if i > 0 {
				header = append(header, ',')
			}
			header = strconv.AppendInt(header, int64(n), 10)
		}
		header = fmt.Appendf(header, `],"data_offsets":[%d,%d]},`, begin[name], begin[name]+len(a.Data))
	}
	if header[len(header)-1] == ',' {
		header = header[:len(header)-1]
	}
	header = append(header, '}')
	for len(header)%8 != 0 {
		header = append(header, ' ') // the data starts at a multiple of 8
	}
	if len(header)-8 > maxSafetensorsHeader {
		return nil, nil, fmt.Errorf("the header would have %d bytes, the format allows %d", len(header)-8, maxSafetensorsHeader)
	}
	binary.LittleEndian.PutUint64(header, uint64(len(header)-8))
	return header, order, nil
}

// ReadSafetensors reads all arrays of a safetensors file, by name, and its metadata (nil if it has none).
//
// As the format demands, the tensors must cover the data exactly, without gap or overlap; a file that is truncated
// or holds other bytes is an error that names the file and the cause. So is an element type outside DType's list.
func ReadSafetensors(path string) (arrays map[string]Array, metadata map[string]string, err error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	arrays, metadata, err = decodeSafetensors(f, size)
	if err != nil {
		return nil, nil, fmt.Errorf("weights: %s: %w", path, err)
	}
	return arrays, metadata, nil
}

// DecodeSafetensors is ReadSafetensors from a reader that holds a file of size bytes: size bounds what is allocated.
// It reads all of it, in one pass.
func DecodeSafetensors(r io.Reader, size int64) (arrays map[string]Array, metadata map[string]string, err error) {
	arrays, metadata, err = decodeSafetensors(r, size)
	if err != nil {
		return nil, nil, fmt.Errorf("weights: %w", err)
	}
	return arrays, metadata, nil
}

// openRegular opens a regular file and returns its size. Anything else (a directory, a pipe) is an error, because
// its size bounds what a reader may allocate.
func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, fmt.Errorf("weights: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("weights: %s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("weights: %w", err)
	}
	return f, info.Size(), nil
}

// span is a tensor of the header: where its data lies.
type span struct {
	name       string
	dtype      DType
	shape      []int
	begin, end int64
}

// decodeSafetensors reads a file of the given size from r.
func decodeSafetensors(r io.Reader, size int64) (map[string]Array, map[string]string, error) {
	var prefix [8]byte
	if _, err := io.ReadFull(r, prefix[:]); err != nil {
		return nil, nil, fmt.Errorf("truncated: %d bytes are no safetensors file", size)
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	if n > maxSafetensorsHeader {
		return nil, nil, fmt.Errorf("not a safetensors file: a header of %d bytes exceeds the limit of %d", n, maxSafetensorsHeader)
	}
	dataSize := size - 8 - int64(n)
	if dataSize < 0 {
		return nil, nil, fmt.Errorf("truncated, or not a safetensors file: a header of %d bytes in a file of %d", n, size)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	if n == 0 || header[0] != '{' {
		return nil, nil, errors.New("not a safetensors file: the header does not begin with {")
	}
	spans, metadata, err := parseSafetensorsHeader(header)
	if err != nil {
		return nil, nil, err
	}
	if err := checkCover(spans, dataSize); err != nil {
		return nil, nil, err
	}
	arrays := make(map[string]Array, len(spans))
	buffered := bufio.NewReaderSize(r, 1<<16) // many small tensors, few reads; large ones pass it by
	for _, s := range spans {
		data := make([]byte, s.end-s.begin) // checkCover: all together exactly the file's bytes
		if _, err := io.ReadFull(buffered, data); err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", s.name, err)
		}
		arrays[s.name] = Array{DType: s.dtype, Shape: s.shape, Data: data}
	}
	return arrays, metadata, nil
}

// parseSafetensorsHeader returns the tensors sorted by the place of their data, then by name. Each has a known type
// and a place of the length that its shape demands. Names that occur twice are an error of the JSON parser.
func parseSafetensorsHeader(header []byte) ([]span, map[string]string, error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(header, &members); err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	var metadata map[string]string
	var spans []span
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if name == metadataName {
			if err := json.Unmarshal(members[name], &metadata); err != nil {
				return nil, nil, fmt.Errorf("header: metadata: %w", err)
			}
			continue
		}
		s, err := parseSpan(members[name])
		if err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		s.name = name
		spans = append(spans, s)
	}
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	return spans, metadata, nil
}

// parseSpan reads the header's entry of one tensor.
func parseSpan(text jsontext.Value) (span, error) {
	var entry struct {
		DType   DType     `json:"dtype"`
		Shape   []int     `json:"shape"`
		Offsets *[2]int64 `json:"data_offsets"`
	}
	if err := json.Unmarshal(text, &entry); err != nil {
		return span{}, err
	}
	if entry.Shape == nil || entry.Offsets == nil {
		return span{}, errors.New("shape or data_offsets missing in the header")
	}
	length, err := byteLen(entry.DType, entry.Shape)
	if err != nil {
		return span{}, err
	}
	begin, end := entry.Offsets[0], entry.Offsets[1]
	if begin < 0 || end < begin || end-begin != int64(length) {
		return span{}, fmt.Errorf("bytes %d to %d, but shape %v of %s has %d bytes", begin, end, entry.Shape, entry.DType, length)
	}
	return span{dtype: entry.DType, shape: entry.Shape, begin: begin, end: end}, nil
}

// checkCover demands that the spans, sorted, follow each other from 0 to exactly dataSize.
func checkCover(spans []span, dataSize int64) error {
	var at int64
	for _, s := range spans {
		if s.begin != at {
			return fmt.Errorf("tensor %q: begins at byte %d of the data, but the tensors before it end at %d", s.name, s.begin, at)
		}
		at = s.end
	}
	if at > dataSize {
		return fmt.Errorf("truncated: the tensors have %d bytes, the file holds %d", at, dataSize)
	}
	if at < dataSize {
		return fmt.Errorf("%d bytes follow the last tensor", dataSize-at)
	}
	return nil
}
