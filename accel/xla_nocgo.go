//go:build !cgo

package accel

const xlaSupported = false

func openXLA(plugin, string, Options) (*Device, error) { return nil, errNoCgo }
