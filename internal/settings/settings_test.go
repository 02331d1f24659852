package settings

import (
	"strings"
	"testing"
)

type config struct {
	Name  string `json:"name"`
	Batch int    `json:"batch"`
	Rule  struct {
		LR float64 `json:"lr"`
	} `json:"rule"`
}

func TestSet(t *testing.T) {
	c := config{Batch: 4}
	for field, value := range map[string]string{"name": "a b", "batch": "8", "rule.lr": "1e-3"} {
		if err := Set(&c, field, value); err != nil {
			t.Fatal(err)
		}
	}
	if c.Name != "a b" || c.Batch != 8 || c.Rule.LR != 1e-3 {
		t.Errorf("got %+v", c)
	}
	before := c
	for field, words := range map[string]string{"size": "batch, name, rule", "rule.momentum": "lr", "batch.lr": "no field",
		"batch": "no such value", "rule.lr": "cannot set"} {
		value := "x y"
		if field == "rule.lr" {
			value = `"high"`
		}
		if err := Set(&c, field, value); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want an error that says %q", field, err, words)
		}
	}
	if c != before {
		t.Errorf("an error changed the config to %+v", c)
	}
}

func TestFaults(t *testing.T) {
	var f Faults
	f.Check(true, "none")
	if err := f.Err("gan"); err != nil {
		t.Error(err)
	}
	f.Check(false, "b is %d", 2)
	f.Check(false, "a is %d", 1)
	if err := f.Err("gan"); err == nil || err.Error() != "gan: a is 1; b is 2" {
		t.Errorf("got %v", err)
	}
}
