package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gogan-ml/gogan/gan"
)

const root = "../.."

// documents are the texts whose links and commands are checked.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, path := range append(paths, filepath.Join(root, "README.md")) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[path] = string(data)
	}
	return out
}

var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fence  = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	inline = regexp.MustCompile("`([^`\n]+)`")
)

// TestREADMELinks looks for the files that texts link to, and for the folders that README.md names.
func TestREADMELinks(t *testing.T) {
	for path, text := range documents(t) {
		for _, target := range links(text) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), target)); err != nil {
				t.Errorf("%s links to %s, which does not exist", path, target)
			}
		}
	}
	text := fence.ReplaceAllString(documents(t)[filepath.Join(root, "README.md")], "")
	for _, code := range inline.FindAllStringSubmatch(text, -1) {
		folder, isFolder := strings.CutSuffix(code[1], "/")
		if !isFolder || strings.ContainsAny(folder, " *$<~.") || strings.HasPrefix(folder, "out") {
			continue
		}
		if info, err := os.Stat(filepath.Join(root, folder)); err != nil || !info.IsDir() {
			t.Errorf("README.md names the folder %s, which does not exist", code[1])
		}
	}
}

// links returns the files that a text links to, without the place in them.
func links(text string) (out []string) {
	for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		target, _, _ := strings.Cut(match[1], "#")
		if target != "" && !strings.Contains(target, "://") && !strings.HasPrefix(target, "mailto:") {
			out = append(out, target)
		}
	}
	return out
}

// TestREADMECommands looks for the make targets, verbs and flags that texts tell a reader to type.
func TestREADMECommands(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	gogan := filepath.Join(t.TempDir(), "gogan")
	if output, err := exec.Command("go", "build", "-o", gogan, root+"/cmd/gogan").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	help := func(verbs ...string) string {
		output, err := exec.Command(gogan, append(verbs, "--help")...).Output()
		if err != nil {
			return ""
		}
		return string(output)
	}
	experiments := experimentNames(t)
	made, run := 0, 0
	for path, text := range documents(t) {
		for _, command := range commands(text) {
			switch fields := strings.Fields(command); {
			case fields[0] == "make":
				made++
				target := "all"
				if len(fields) > 1 {
					target = fields[1]
				}
				if experiment, is := strings.CutPrefix(target, "reproduce-"); is {
					if experiment != "NAME" && !slices.Contains(experiments, experiment) {
						t.Errorf("%s says `%s`: internal/reproduce has no experiment %s, but %v", path, command, experiment, experiments)
					}
				} else if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).Match(makefile) {
					t.Errorf("%s says `%s`: the Makefile has no target %s", path, command, target)
				}
			case fields[0] == "gogan":
				run++
				if fault := unknown(fields[1:], help); fault != "" {
					t.Errorf("%s says `%s`: %s", path, command, fault)
				}
			}
		}
	}
	if made == 0 || run == 0 {
		t.Errorf("found %d make commands and %d of gogan; the texts have some of both", made, run)
	}
}

// experimentNames lists the trainings that `make reproduce-NAME` makes.
func experimentNames(t *testing.T) (names []string) {
	t.Helper()
	output, err := exec.Command("go", "run", root+"/internal/reproduce").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(output)) {
		names = append(names, strings.Fields(line)[0])
	}
	return names
}

// TestREADMEPresets: the table of the README has every preset, and no other.
func TestREADMEPresets(t *testing.T) {
	text := documents(t)[filepath.Join(root, "README.md")]
	var names []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*) \\| \\[").FindAllStringSubmatch(text, -1) {
		for name := range strings.SplitSeq(row[1], ", ") {
			names = append(names, strings.Trim(name, "`"))
		}
	}
	want := gan.PresetNames()
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("the table of the README has %v, the library %v", names, want)
	}
}

// commands returns what a text tells a reader to type: the lines of its shell blocks and the commands between the lines.
// `go run ./cmd/gogan` is gogan.
func commands(text string) (out []string) {
	add := func(line string) {
		line, _, _ = strings.Cut(line, " #")
		line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
		line = strings.Replace(line, "go run ./cmd/gogan", "gogan", 1)
		if name, _, _ := strings.Cut(line, " "); name == "make" || name == "gogan" {
			out = append(out, line)
		}
	}
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		if slices.Contains([]string{"sh", "bash", "console"}, block[1]) {
			for line := range strings.Lines(strings.ReplaceAll(block[2], "\\\n", " ")) {
				add(line)
			}
		}
	}
	for _, code := range inline.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		if code[1] != "gogan" && code[1] != "make" { // the names, not a command
			add(code[1])
		}
	}
	return out
}

// unknown says what in the arguments of gogan its help does not name.
func unknown(args []string, help func(verbs ...string) string) string {
	root := help()
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return missingFlag(args, root)
	}
	verbs := args[:1]
	text := help(args[0])
	if text == "" || !strings.Contains(root, "\n  "+args[0]+" ") {
		return "there is no verb " + args[0]
	}
	if len(args) > 1 && strings.Contains(text, "\n  "+args[1]+" ") { // a verb with verbs
		text = help(append(verbs, args[1])...)
	}
	return missingFlag(args, text)
}

func missingFlag(args []string, text string) string {
	for _, arg := range args {
		flag, _, _ := strings.Cut(strings.Trim(arg, "[]"), "=")
		if strings.HasPrefix(flag, "--") && !regexp.MustCompile(regexp.QuoteMeta(flag)+`\b`).MatchString(text) {
			return "its help does not name " + flag
		}
	}
	return ""
}

func TestCommandsAreFound(t *testing.T) {
	text := "Type `make demo` or `gogan setup --check`, not `make` nor `go vet`.\n```sh\ngo run ./cmd/gogan train dcgan \\\n  --run x # why\n" +
		"cd x\n```\n```go\nmake(map[string]int)\n```\n"
	want := []string{"gogan train dcgan    --run x", "make demo", "gogan setup --check"}
	if got := commands(text); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	help := func(verbs ...string) string {
		return map[string]string{"": "\n  setup  x\n  weights  x\n", "setup": "--check  x", "weights": "\n  convert  x",
			"weights convert": "--to x"}[strings.Join(verbs, " ")]
	}
	for command, want := range map[string]string{
		"setup --check": "", "setup --checks": "its help does not name --checks", "sing": "there is no verb sing",
		"weights convert --to=x": "", "weights convert --from x": "its help does not name --from", "setup": "",
	} {
		if got := unknown(strings.Fields(command), help); got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}

func TestLinksAreFound(t *testing.T) {
	text := "[a](b.md#part) ![c](d/e.png) [f](https://x.org/y) [g](#here) [`h`](i)\n```\n[j](k)\n```\n"
	if got, want := links(text), []string{"b.md", "d/e.png", "i"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
