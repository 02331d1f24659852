package run

// A Watcher follows the log of a run while it grows and tells each kind of finding once.
type Watcher struct {
	game  Game
	ticks []Tick
	told  map[string]bool
}

// Watcher returns one that knows the log of the run so far.
func (d *Dir) Watcher() (*Watcher, error) {
	game, err := d.game()
	if err != nil {
		return nil, err
	}
	ticks, err := d.Ticks()
	if err != nil {
		return nil, err
	}
	return &Watcher{game: game, ticks: ticks, told: map[string]bool{}}, nil
}

// Add takes the newest line of the log and returns what [Diagnose] finds, without the kinds that were told before.
func (w *Watcher) Add(t Tick) []Finding {
	w.ticks = append(w.ticks, t)
	var fresh []Finding
	for _, f := range Diagnose(w.ticks, w.game) {
		if !w.told[f.Kind] {
			w.told[f.Kind] = true
			fresh = append(fresh, f)
		}
	}
	return fresh
}
