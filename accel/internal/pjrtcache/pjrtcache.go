// Package pjrtcache keeps programs compiled by a PJRT plugin on disk, so that the next process loads them instead of
// compiling again (seconds become tenths).
//
// go-xla has no such cache, but takes the function table of a plugin from anybody ([Register]). This package loads the
// plugin itself, copies its table, puts its own function in the place of the one that compiles, and hands the copy to
// go-xla. The function looks for the program on disk; if it is not there the plugin compiles it, and the result is
// serialized by the plugin and kept. Nothing else of the table is touched.
//
// A file is found by the SHA-256 of all that decides the machine code: the plugin's own SHA-256, its platform version
// and the kinds of its devices, the processor, the number of processors, the driver, XLA_FLAGS, the program and the
// options it is compiled with. Files hold machine code, so they are taken from nobody else: see [store].
//
// The layouts and table positions that this needs are facts of PJRT's interface, written down in pjrt.h. A plugin with
// another major version, a shorter table, or entries outside of its own code runs without the cache.
package pjrtcache

import (
	"errors"
	"os"
	"sync"
)

// Env is the environment variable that turns the cache off if it is "off".
const Env = "GOGAN_COMPILE_CACHE"

// ErrUnsupported is what [Register] returns where this build has no cache.
var ErrUnsupported = errors.New("pjrtcache: needs Linux and cgo")

// Off tells whether the environment turns the cache off.
func Off() bool { return os.Getenv(Env) == "off" }

// Stats counts what happened in this process, over all plugins.
type Stats struct {
	Hits    int // programs loaded from disk
	Misses  int // programs compiled
	Damaged int // files that were refused or that the plugin could not load; the program is then compiled: also a miss
	Stored  int // compiled programs written to disk

	LoadSeconds    float64 // time spent in hits
	CompileSeconds float64 // time the plugin spent compiling in misses

	LastError string // why the latest program was not kept or not loaded, "" if never
}

var counters struct {
	sync.Mutex
	Stats
}

// Read returns the counters of this process.
func Read() Stats {
	counters.Lock()
	defer counters.Unlock()
	return counters.Stats
}
