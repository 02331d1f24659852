package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/gogan-ml/gogan/accel"
	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/extractors"
	"github.com/gogan-ml/gogan/extractors/fashioncnn"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/weights"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

const (
	// batch is the number of images of a step.
	batch = 128
	// learningRate of Adam at the start; it falls in a straight line to 0 at the end.
	learningRate = 2e-3
)

// spec is the training as a list of one phase.
func spec(data *datasets.Set, epochs int, seed int64) gan.Spec {
	end := float64(epochs) * float64(data.Len())
	return gan.Spec{
		Seed: seed, Batch: batch,
		Players: []gan.Player{{
			Name: fashioncnn.Player, Optimizer: gan.Adam(learningRate, 0.9, 0.999),
			LR: func(img int64) float64 { return max(0, 1-float64(img)/end) },
		}},
		Phases: []gan.Phase{{Name: "C", Player: fashioncnn.Player, Fresh: true, Reals: true, Loss: crossEntropy}},
		Source: augmented{data, seed},
	}
}

// crossEntropy is the mean of -log softmax(logits)[label].
func crossEntropy(s *gan.Step) *Node {
	_, logits := fashioncnn.Classifier(s.Scope(fashioncnn.Player), s.X)
	right := OneHot(s.Labels, fashioncnn.Classes, logits.DType())
	loss := Neg(ReduceAllMean(ReduceSum(Mul(right, LogSoftmax(logits)), -1)))
	hit := Equal(ArgMax(logits, -1, s.Labels.DType()), s.Labels)
	s.Report("loss", loss)
	s.Report("accuracy", ReduceAllMean(ConvertDType(hit, logits.DType())))
	return loss
}

// epoch is a line of the log.
type epoch struct {
	Epoch         int     `json:"epoch"`
	Img           int64   `json:"img"`
	Seconds       float64 `json:"seconds"` // of training, so far
	Loss          float64 `json:"loss"`    // mean over the epoch's steps, of augmented images
	TrainAccuracy float64 `json:"train_accuracy"`
	TestAccuracy  float64 `json:"test_accuracy"`
}

// result is the last line of the log.
type result struct {
	WeightsSHA256    string  `json:"weights_sha256"`
	Test             string  `json:"test"`
	NTest            int     `json:"n_test"`
	TestAccuracy     float64 `json:"test_accuracy"`
	MiniTest         string  `json:"mini_test"`
	NMiniTest        int     `json:"n_mini_test"`
	MiniTestAccuracy float64 `json:"mini_test_accuracy"`
}

// train trains, logs every epoch and the result, and returns the file of weights.
func train(ctx context.Context, device *accel.Device, log *json.Encoder, epochs int, seed int64) ([]byte, error) {
	sets := map[string]*datasets.Set{}
	for _, name := range []string{"fashion-mnist:train", "fashion-mnist:test", "fashion-mini:test"} {
		set, err := datasets.Open(name, datasets.WithContext(ctx))
		if err != nil {
			return nil, err
		}
		sets[name] = set
	}
	trainSet, test, mini := sets["fashion-mnist:train"], sets["fashion-mnist:test"], sets["fashion-mini:test"]
	t, err := gan.NewTrainer(device.Backend, spec(trainSet, epochs, seed))
	if err != nil {
		return nil, err
	}
	defer t.Close()
	var file []byte
	seconds := 0.0
	for e := 1; e <= epochs; e++ {
		begin := time.Now()
		line, err := trainTo(ctx, t, int64(e)*int64(trainSet.Len()))
		if err != nil {
			return nil, err
		}
		seconds += time.Since(begin).Seconds()
		if file, err = encode(t); err != nil {
			return nil, err
		}
		accuracies, err := accuracies(ctx, device, file, test)
		if err != nil {
			return nil, err
		}
		line.Epoch, line.Seconds, line.TestAccuracy = e, seconds, accuracies[0]
		if err := log.Encode(line); err != nil {
			return nil, err
		}
	}
	both, err := accuracies(ctx, device, file, test, mini)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(file)
	return file, log.Encode(result{WeightsSHA256: hex.EncodeToString(sum[:]),
		Test: test.Name(), NTest: test.Len(), TestAccuracy: both[0],
		MiniTest: mini.Name(), NMiniTest: mini.Len(), MiniTestAccuracy: both[1]})
}

// trainTo trains until so many images have been shown and returns the means of what the steps reported.
func trainTo(ctx context.Context, t *gan.Trainer, until int64) (epoch, error) {
	var reports []*gan.Report
	for {
		done, err := t.Done(until)
		if err != nil {
			return epoch{}, err
		}
		if done {
			break
		}
		r, err := t.Step(ctx)
		if err != nil {
			return epoch{}, err
		}
		reports = append(reports, r)
	}
	out := epoch{Img: t.Img()}
	for _, r := range reports {
		values, err := r.Values()
		if err != nil {
			return epoch{}, err
		}
		out.Loss += values["loss"] / float64(len(reports))
		out.TrainAccuracy += values["accuracy"] / float64(len(reports))
	}
	return out, nil
}

// encode writes the variables of the network as a file of weights.
func encode(t *gan.Trainer) ([]byte, error) {
	arrays := map[string]weights.Array{}
	for path, value := range t.Variables().Under(fashioncnn.Player) {
		flat, err := tensors.CopyFlatData[float32](value)
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", path, err)
		}
		arrays[strings.TrimPrefix(path, "/")] = weights.FromFloat32(flat, value.Shape().Dimensions...)
	}
	var file bytes.Buffer
	err := weights.WriteSafetensors(&file, arrays, nil)
	return file.Bytes(), err
}

// accuracies returns the share of pictures of each set whose largest logit is that of their class.
func accuracies(ctx context.Context, device *accel.Device, file []byte, sets ...*datasets.Set) ([]float64, error) {
	network, err := fashioncnn.OpenBytes(ctx, device, file)
	if err != nil {
		return nil, err
	}
	defer network.Close()
	out := make([]float64, len(sets))
	for k, set := range sets {
		images, labels := make([]*imaging.Image8, set.Len()), make([]int, set.Len())
		for i := range images {
			img, label, err := set.At(i)
			if err != nil {
				return nil, err
			}
			images[i], labels[i] = imaging.ToImage8(img, 1), label
		}
		logits, err := network.Extract(ctx, images, fashioncnn.Preprocess, extractors.Logits)
		if err != nil {
			return nil, err
		}
		out[k] = fashioncnn.Accuracy(logits[0], labels)
	}
	return out, nil
}
