// Package run is the run directory: the object that a person who trains works on. Every cell and command takes one,
// and what they show is read from its files:
//
//	config.json           the resolved config, as JSON
//	run.lock              held by the one process that writes; says which
//	checkpoint/NNNNNNNNN  a state after N real images: state.safetensors and state.json with its SHA-256
//	best.json             which checkpoint scored best and is kept
//	log.jsonl             one flat JSON object a tick
//	scores.jsonl          one score a line
//	samples/              reals.png and fakes_NNNNNNNNN.png
//
// A kill at any moment leaves a readable directory. Checkpoints, config and pictures are written under a temporary
// name (".tmp-..."), synced and renamed; log and scores grow by whole lines with one write each, and a last line that
// a kill cut short is passed over. Nothing written here holds an absolute path.
//
// One process writes (Create), any number read (Open). The package links neither GoMLX nor a plotting library.
package run
