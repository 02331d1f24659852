package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// labelsFile is StyleGAN's file of labels: {"labels": [["00000/img00000000.png", 6], ...]}, or null for none.
const labelsFile = "dataset.json"

// Bounds of what a file of labels may make us allocate.
const (
	maxLabelsFile = 256 << 20 // bytes
	maxClasses    = 1 << 20
)

// readLabels reads a file of labels and looks up every name. Classes are named by their numbers.
func readLabels(in io.Reader, names []string) (labels []int32, classes []string, err error) {
	data, err := io.ReadAll(io.LimitReader(in, maxLabelsFile+1))
	if err != nil {
		return nil, nil, err
	}
	if len(data) > maxLabelsFile {
		return nil, nil, fmt.Errorf("the file of labels exceeds %d bytes", maxLabelsFile)
	}
	var file struct{ Labels [][]json.RawMessage }
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, nil, fmt.Errorf("not StyleGAN's file of labels: %w", err)
	}
	if file.Labels == nil {
		return nil, nil, nil
	}
	byName := make(map[string]int32, len(file.Labels))
	count := int32(0)
	for i, entry := range file.Labels {
		name, class, err := parseLabel(entry)
		if err != nil {
			return nil, nil, fmt.Errorf("label %d: %w", i, err)
		}
		byName[name] = class
		count = max(count, class+1)
	}
	labels = make([]int32, len(names))
	for i, name := range names {
		class, ok := byName[name]
		if !ok {
			return nil, nil, fmt.Errorf("there is no label for %s", name)
		}
		labels[i] = class
	}
	for class := range count {
		classes = append(classes, strconv.Itoa(int(class)))
	}
	return labels, classes, nil
}

// parseLabel reads a pair of a name and the number of a class.
func parseLabel(entry []json.RawMessage) (name string, class int32, err error) {
	if len(entry) != 2 {
		return "", 0, fmt.Errorf("want a name and a class, got %d values", len(entry))
	}
	if err := json.Unmarshal(entry[0], &name); err != nil {
		return "", 0, err
	}
	if len(entry[1]) > 0 && entry[1][0] == '[' {
		return "", 0, errors.New("it is a vector; only numbers of classes are supported (rename the file to read the pictures without labels)")
	}
	if err := json.Unmarshal(entry[1], &class); err != nil {
		return "", 0, err
	}
	if class < 0 || class >= maxClasses {
		return "", 0, fmt.Errorf("class %d is not in 0..%d", class, maxClasses-1)
	}
	return name, class, nil
}
