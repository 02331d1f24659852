package fashioncnn

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the weights
	"encoding/hex"
	"fmt"

	"github.com/gogan-ml/gogan/weights"
)

// official are the weights that internal/fashioncnntrain made; train.jsonl beside them is its log.
//
//go:embed fashion-cnn.safetensors
var official []byte

// decode reads a file of weights and its checksum.
func decode(file []byte) (arrays map[string]weights.Array, sha string, err error) {
	arrays, _, err = weights.DecodeSafetensors(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, "", fmt.Errorf("fashioncnn: the weights cannot be read: %w", err)
	}
	sum := sha256.Sum256(file)
	return arrays, hex.EncodeToString(sum[:]), nil
}
