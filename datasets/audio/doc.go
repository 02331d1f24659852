// Package audio is what sounds need outside of graphs: WAV files, another sampling rate, the spectrum over time and its
// picture, the sound files of a folder.
//
// A sound is mono: float32 samples in [-1, 1] at a rate in samples per second.
package audio
