// Package quiet keeps the libraries below accel from writing to the standard streams of the process and from
// downloading anything by themselves. It acts when it is initialised.
//
// It imports nothing of GoMLX, so that the order of initialisation of the Go language (sorted by import path among the
// packages whose imports are ready) puts it before go-xla, whose own initialisation already logs, for instance about
// an unset HOME. A program that wants the log registers klog's flags and sets logtostderr again.
package quiet

import (
	"flag"
	"io"
	"os"

	"k8s.io/klog/v2"
)

// noAutoInstall is read by go-xla when it is initialised: any value keeps it from downloading plugins.
const noAutoInstall = "GOMLX_NO_AUTO_INSTALL"

func init() {
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{
		"logtostderr":     "false",
		"alsologtostderr": "false",
		"stderrthreshold": "FATAL",
	} {
		if err := flags.Set(name, value); err != nil {
			panic(err) // klog no longer has the flag: a change of version that needs a change here
		}
	}
	klog.SetOutput(io.Discard)
	if _, set := os.LookupEnv(noAutoInstall); !set {
		os.Setenv(noAutoInstall, "1")
	}
}
