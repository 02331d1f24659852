package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/gogan-ml/gogan/datasets"
	"github.com/gogan-ml/gogan/gan"
	"github.com/gogan-ml/gogan/notebooks/lab"
)

var vaes = Experiment{Name: "vae",
	About: "the VAE of pytorch/examples, 3 seeds; half the generator of DCGAN as decoder of a VAE and in a GAN, 2 seeds",
	Run:   trainVAEs}

// envMNIST names a folder with "train" and "test", the 60,000 and 10,000 pictures of MNIST in any form that package
// datasets reads, on which the published test loss of the example is. Without it that row is left out.
const envMNIST = "GOGAN_MNIST"

// Thousands of pictures shown: 10 epochs for the example, of which the published log has the first 7; and both ways of
// training one generator.
const (
	exampleKimg  = 10 * 60
	loggedKimg   = 7 * 60
	comparedKimg = 200
)

func trainVAEs(ctx context.Context, b Bench) error {
	p, err := openPictures(ctx, b.Small)
	if err != nil {
		return err
	}
	test, err := datasets.Open(testSplit(p.data))
	if err != nil {
		return err
	}
	example := b.example("MLP, Fashion-MNIST", exampleKimg, test)
	for seed := int64(1); seed <= b.steps(3, 1); seed++ {
		if err := b.picture(ctx, p, example, seed, 200*gan.Kimg); err != nil {
			return err
		}
	}
	for seed := int64(1); seed <= b.steps(2, 1); seed++ {
		for _, s := range b.oneGenerator(test) {
			if err := b.picture(ctx, p, s, seed, 40*gan.Kimg); err != nil {
				return err
			}
		}
	}
	return b.mnist(ctx)
}

// testSplit is the name of the pictures that were not trained with.
func testSplit(data gan.Data) string { return strings.TrimSuffix(data.Name(), "train") + "test" }

// example is the VAE of pytorch/examples, whose loss of the test pictures is measured as there, with one z for each.
func (b Bench) example(row string, kimg int64, test *datasets.Set) setting {
	return setting{row: row, config: gan.VAEMLP(), kimg: kimg,
		measure: func(ctx context.Context, dir string, values map[string]float64) error {
			return evidence(ctx, dir, test, int(b.steps(int64(test.Len()), 200)), 1, values)
		}}
}

// mnist trains the example where its data are.
func (b Bench) mnist(ctx context.Context) error {
	folder := os.Getenv(envMNIST)
	if folder == "" {
		return nil
	}
	data, err := datasets.Open(filepath.Join(folder, "train"))
	if err != nil {
		return err
	}
	test, err := datasets.Open(filepath.Join(folder, "test"))
	if err != nil {
		return err
	}
	return b.picture(ctx, pictures{data: data}, b.example("MLP, MNIST", loggedKimg, test), 1, 0)
}

// oneGenerator is the generator of DCGAN, half as wide as the paper's, as a GAN's and as a VAE's. Batch and rates of the GAN
// are those of notebook 01; the VAE has its preset's rate.
func (b Bench) oneGenerator(test *datasets.Set) []setting {
	g, v := gan.DCGAN(), gan.VAE()
	for _, cfg := range []*gan.Config{&g, &v} {
		cfg.BaseChannels, cfg.Batch = 32, 32
	}
	g.GeneratorOptimizer.LR, g.DiscriminatorOptimizer.LR = 4e-4, 4e-4
	n := int(b.steps(2000, 64)) // pictures to measure with
	sharpness := func(ctx context.Context, dir string, values map[string]float64) error {
		reals, err := lab.Read(test, 0, n)
		if err != nil {
			return err
		}
		fakes, err := lab.Sample(ctx, dir, gan.Seeds(0, int64(n)))
		if err != nil {
			return err
		}
		values["sharpness"] = lab.Sharpness(fakes) / lab.Sharpness(reals.Show(n))
		return nil
	}
	return []setting{
		{row: "GAN", config: g, kimg: comparedKimg, measure: sharpness},
		{row: "VAE", config: v, kimg: comparedKimg, measure: func(ctx context.Context, dir string, values map[string]float64) error {
			if err := sharpness(ctx, dir, values); err != nil {
				return err
			}
			if err := reconstructions(ctx, dir, test, n, values); err != nil {
				return err
			}
			return evidence(ctx, dir, test, n, 20, values)
		}},
	}
}

// reconstructions measures how near a VAE's reconstructions come to n pictures, and how sharp they are.
func reconstructions(ctx context.Context, dir string, test *datasets.Set, n int, values map[string]float64) error {
	reals, err := lab.Read(test, 0, n)
	if err != nil {
		return err
	}
	back, err := lab.Reconstruct(ctx, dir, reals.Show(n))
	if err != nil {
		return err
	}
	values["reconstruction_mse"] = lab.SquaredError(reals.Show(n), back)
	values["reconstruction_sharpness"] = lab.Sharpness(back) / lab.Sharpness(reals.Show(n))
	return nil
}

// evidence measures the loss of n test pictures, its parts, and the importance-weighted bound, all in nats.
func evidence(ctx context.Context, dir string, test *datasets.Set, n, samples int, values map[string]float64) error {
	e, err := lab.Evidence(ctx, dir, test, n, samples)
	if err != nil {
		return err
	}
	values["test_loss"], values["reconstruction"], values["kl"] = -e.ELBO, e.Reconstruction, e.KL
	if samples > 1 {
		values["importance_weighted"] = -e.ImportanceWeighted
	}
	return nil
}
