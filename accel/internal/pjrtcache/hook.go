//go:build cgo && linux

package pjrtcache

/*
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "pjrt.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"time"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"
)

// hooked is a plugin whose programs are kept.
type hooked struct {
	path  string
	real  *C.gg_table // the plugin's own functions
	store *store
	base  func() ([]byte, error) // the part of the key that is the same for all programs
}

// plugins are those of this process; a plugin's index is its slot in hook.c.
var plugins struct {
	sync.RWMutex
	list []*hooked
}

// Register loads the plugin at path, an absolute path, and registers it with go-xla under that path, so that programs
// compiled with it are kept in dir, which is created if need be. For a plugin that is registered already it only
// changes dir. Calls, and the opening of backends, must be serialised by the caller: go-xla registers without a lock.
//
// An error means that go-xla can open the plugin as usual, without the cache.
func Register(path, dir string) error {
	s, err := openStore(dir, defaultLimit)
	if err != nil {
		return fmt.Errorf("pjrtcache: %w", err)
	}
	plugins.Lock()
	defer plugins.Unlock()
	for i, p := range plugins.list {
		if p.path == path {
			plugins.list[i] = newHooked(path, p.real, s)
			return nil
		}
	}
	slot := len(plugins.list)
	if slot == C.GG_SLOTS {
		return fmt.Errorf("pjrtcache: more than %d plugins in one process", slot)
	}
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	var real, copied *C.gg_table
	if err := failure(C.gg_open(cPath, C.int(slot), &real, &copied)); err != nil {
		return fmt.Errorf("pjrtcache: %s: %w", path, err)
	}
	if err := pjrt.RegisterPreloadedPlugin(path, uintptr(unsafe.Pointer(copied))); err != nil {
		return fmt.Errorf("pjrtcache: %w", err)
	}
	plugins.list = append(plugins.list, newHooked(path, real, s))
	return nil
}

func newHooked(path string, real *C.gg_table, s *store) *hooked {
	return &hooked{path: path, real: real, store: s,
		base: sync.OnceValues(func() ([]byte, error) { return machineKey(path, s) })}
}

// failure makes a Go error of an error text in C memory, which it frees. nil for NULL.
func failure(text *C.char) error {
	if text == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(text))
	return errors.New(C.GoString(text))
}

// goganCompile takes the place of the plugin's compile function. It may run on several threads at once. Any trouble
// with the cache ends in the plugin's own compilation, whose error object is passed on unseen.
//
//export goganCompile
func goganCompile(slot C.int, args unsafe.Pointer) unsafe.Pointer {
	plugins.RLock()
	p := plugins.list[slot]
	plugins.RUnlock()
	a := (*C.gg_compile)(args)
	if Off() || a.struct_size < C.sizeof_gg_compile || a.program.struct_size < C.sizeof_gg_program {
		return C.gg_call_compile(p.real, a)
	}
	key, err := p.key(a)
	if err != nil {
		note(err)
		return C.gg_call_compile(p.real, a)
	}
	if p.load(key, a) {
		return nil
	}
	start := time.Now()
	if failed := C.gg_call_compile(p.real, a); failed != nil {
		return failed
	}
	seconds := time.Since(start).Seconds()
	err = p.keep(key, a.loaded)
	counters.Lock()
	counters.Misses++
	counters.CompileSeconds += seconds
	if err == nil {
		counters.Stored++
	}
	counters.Unlock()
	note(err)
	return nil
}

// note keeps the text of an error for [Read].
func note(err error) {
	if err != nil {
		counters.Lock()
		counters.LastError = err.Error()
		counters.Unlock()
	}
}

// key returns the name of the program in the store.
func (p *hooked) key(a *C.gg_compile) (string, error) {
	base, err := p.base()
	if err != nil {
		return "", err
	}
	k := newKey(base)
	var text *C.char
	var size C.size_t
	if err := failure(C.gg_call_platform_version(p.real, a.client, &text, &size)); err != nil {
		return "", err
	}
	k.add(view(text, size))
	var devices *unsafe.Pointer
	var count C.size_t
	if err := failure(C.gg_call_devices(p.real, a.client, &devices, &count)); err != nil {
		return "", err
	}
	for _, device := range unsafe.Slice(devices, count) {
		if err := failure(C.gg_call_device_kind(p.real, device, &text, &size)); err != nil {
			return "", err
		}
		k.add(view(text, size))
	}
	k.add(xlaFlags())
	k.add(view(a.program.format, a.program.format_size))
	k.add(view(a.program.code, a.program.code_size))
	k.add(view(a.options, a.options_size))
	return k.sum(), nil
}

// view returns C memory as bytes, without a copy.
func view(text *C.char, size C.size_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(text)), size)
}

// load sets a.loaded to the kept program and returns true if there is one that the plugin can load.
func (p *hooked) load(key string, a *C.gg_compile) bool {
	start := time.Now()
	data, err := p.store.get(key)
	if err == nil && data == nil {
		return false
	}
	var loaded unsafe.Pointer
	if err == nil {
		err = failure(C.gg_call_load(p.real, a.client, unsafe.Pointer(unsafe.SliceData(data)), C.size_t(len(data)), &loaded))
	}
	counters.Lock()
	if err == nil {
		counters.Hits++
		counters.LoadSeconds += time.Since(start).Seconds()
	} else {
		counters.Damaged++
	}
	counters.Unlock()
	note(err)
	if err == nil {
		a.loaded = loaded
	}
	return err == nil
}

// keep writes the compiled program to the store.
func (p *hooked) keep(key string, loaded unsafe.Pointer) error {
	var s C.gg_serialize
	if err := failure(C.gg_call_serialize(p.real, loaded, &s)); err != nil {
		return err
	}
	defer C.gg_release(&s)
	return p.store.put(key, view(s.bytes, s.size))
}
