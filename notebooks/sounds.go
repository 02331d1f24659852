package notebooks

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"os"
	"path/filepath"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/gogan-ml/gogan/datasets/audio"
	"github.com/gogan-ml/gogan/gan/run"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// Sounds shows WAV files, each with a player and, as a picture, its spectrum over time (frequency upwards, loud is white). A
// path that is a run stands for its real sounds and its newest generated ones. Of each file the first ten seconds or so
// stay in the notebook. The pictures show on every site, the players where HTML may play.
func Sounds(paths ...string) {
	for _, path := range M1(soundFiles(paths)) {
		player, sound, err := soundPlayer(path)
		M(err)
		gonbui.DisplayHTML(player)
		showPNG(M1(encode(figures.Enlarge(audio.Picture(sound.Samples).Image(), 2))))
	}
}

// soundFiles replaces runs by their files.
func soundFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		if audio.IsWAVName(path) {
			files = append(files, path)
			continue
		}
		d, err := run.Open(path)
		if err != nil {
			return nil, err
		}
		sounds, err := d.Sounds()
		if err != nil {
			return nil, err
		}
		if len(sounds) == 0 {
			return nil, fmt.Errorf("notebooks: the run %s has no sounds", path)
		}
		if reals := d.RealSounds(); reals != "" {
			files = append(files, reals)
		}
		files = append(files, sounds[len(sounds)-1].Path)
	}
	return files, nil
}

// maxHeard is how many samples of a file a notebook keeps: ten seconds at 8 kHz, 213 kB of text.
const maxHeard = 80_000

// soundPlayer is the HTML that plays a file, and what it plays.
func soundPlayer(path string) (player string, sound audio.Sound, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", sound, fmt.Errorf("notebooks: %w", err)
	}
	defer file.Close()
	if sound, err = audio.DecodeWAV(file); err != nil {
		return "", sound, fmt.Errorf("notebooks: %s: %w", path, err)
	}
	sound.Samples = sound.Samples[:min(maxHeard, len(sound.Samples))]
	var wav bytes.Buffer
	if err := audio.EncodeWAV(&wav, sound, ""); err != nil {
		return "", sound, err
	}
	return fmt.Sprintf(`<p>%s<br><audio controls src="data:audio/wav;base64,%s"></audio></p>`, html.EscapeString(filepath.Base(path)),
		base64.StdEncoding.EncodeToString(wav.Bytes())), sound, nil
}
