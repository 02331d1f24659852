package main

import (
	"fmt"

	"github.com/gogan-ml/gogan/gan"
)

var speed = study{name: "speed",
	about: "width and batch size against img/s and against the time to an equal score; 2 seeds",
	settings: func() []setting {
		var out []setting
		add := func(width, batch int) {
			cfg := gan.DCGAN()
			cfg.BaseChannels, cfg.Batch = width, batch
			out = append(out, setting{row: fmt.Sprintf("width %d, batch %d", width, batch), config: cfg, kimg: 50})
		}
		for _, width := range []int{8, 16, 32} {
			add(width, 64)
		}
		for _, batch := range []int{16, 256} {
			add(16, batch)
		}
		return out
	},
	seeds: 2, every: 5, reference: "width 16, batch 64"}
