//go:build browser

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/gogan-ml/gogan/internal/fakerun"
	"github.com/gogan-ml/gogan/internal/home"
	"github.com/gogan-ml/gogan/internal/ipynb"
)

const token = "browser-test"

// TestViews opens the fixture with everything that package notebooks can show.
func TestViews(t *testing.T) {
	lab := startLab(t, "GOGAN_SMOKE=") // its live block then stands for 8 s
	if err := fakerun.Make(filepath.Join(lab.runs, "fake"), 20); err != nil {
		t.Fatal(err)
	}
	// The fixture's set-up goes up two directories to the library.
	lab.runAll(t, "notebooks/testdata/viewing.ipynb", "browser/viewing.ipynb")
}

// TestNotebooks opens the notebooks of the library, in their small setting.
func TestNotebooks(t *testing.T) {
	lab := startLab(t, "GOGAN_SMOKE=1")
	paths, err := filepath.Glob(filepath.Join(lab.root, "notebooks", "*.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := filepath.Base(path)
		t.Run(strings.TrimSuffix(name, ".ipynb"), func(t *testing.T) { lab.runAll(t, "notebooks/"+name, name) })
	}
}

// lab is a JupyterLab that serves copies of notebooks from out/, since it saves what it runs.
type lab struct {
	root string // the clone
	runs string // where cells keep their runs
	url  string
}

// startLab starts a JupyterLab with settings of its own; env is what its kernels see besides.
func startLab(t *testing.T, env ...string) *lab {
	t.Helper()
	root, ok := home.Repository()
	if !ok {
		t.Fatal("the test does not run in a clone")
	}
	if err := os.MkdirAll(filepath.Join(root, "out", "browser"), 0o755); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	dir := t.TempDir()
	l := &lab{root: root, runs: filepath.Join(dir, "runs"), url: fmt.Sprintf("http://127.0.0.1:%d", port)}
	// JupyterLab asks a new user whether to fetch news; it covers what is looked at.
	settings := filepath.Join(dir, "settings", "@jupyterlab", "apputils-extension")
	if err := os.MkdirAll(settings, 0o755); err != nil {
		t.Fatal(err)
	}
	noNews := filepath.Join(settings, "notification.jupyterlab-settings")
	if err := os.WriteFile(noNews, []byte(`{"fetchNews": "false"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(root, ".venv", "bin", "python"), "-m", "jupyterlab",
		"--no-browser", "--allow-root", "--ip=127.0.0.1", fmt.Sprintf("--port=%d", port), "--ServerApp.port_retries=0",
		"--IdentityProvider.token="+token, "--ServerApp.root_dir="+filepath.Join(root, "out"),
		"--LabApp.expose_app_in_browser=True",
		"--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
		"--LabApp.workspaces_dir="+filepath.Join(dir, "workspaces"), "--LabApp.user_settings_dir="+filepath.Join(dir, "settings"))
	cmd.Env = append(os.Environ(), append(env, "GOGAN_RUNS="+l.runs, "JUPYTER_PREFER_ENV_PATH=1",
		"JUPYTER_CONFIG_DIR="+filepath.Join(dir, "config"), "JUPYTER_RUNTIME_DIR="+filepath.Join(dir, "runtime"))...)
	log, err := os.Create(filepath.Join(root, "out", "browser", "jupyter.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatalf("JupyterLab does not start (%v); run `make setup`", err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM) // it then ends its kernels
		cmd.Wait()
		log.Close()
	})
	for end := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		response, err := http.Get(l.url + "/api/status?token=" + token)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return l
			}
		}
		if time.Now().After(end) {
			t.Fatalf("JupyterLab does not answer; see %s", log.Name())
		}
	}
}

// openBrowser starts a headless Chromium.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	program := os.Getenv("CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if program == "" {
			program, _ = exec.LookPath(name)
		}
	}
	if program == "" {
		t.Fatal("no Chromium: install it (Debian, Ubuntu: apt-get install chromium) or set CHROMIUM to the program")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.WindowSize(1280, 1000))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocated, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	return ctx
}

// focus makes the page believe that a person looks at it: without that no notebook is in front, and none can be run.
var focus = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return err
})

// What the test asks JupyterLab for.
const (
	find  = `const w = [...globalThis.jupyterapp.shell.widgets('main')].find(w => w.sessionContext);`
	ready = `(() => { ` + find + ` jupyterapp.shell.activateById(w.id);
		return w.sessionContext.session.kernel.connectionStatus === 'connected' && w.content.widgets.length > 0 &&
			jupyterapp.shell.currentWidget === w })()`
	runAll = `void jupyterapp.commands.execute('notebook:run-all-cells')`
	// ended is true when every code cell has a number and the kernel rests, or a cell failed.
	ended = `(() => { ` + find + `
		const code = w.content.widgets.filter(c => c.model.type === 'code');
		const failed = code.some(c => c.model.outputs.toJSON().some(o => o.output_type === 'error'));
		return failed || w.sessionContext.session.kernel.status === 'idle' && code.every(c => c.model.executionCount) })()`
	document = `(() => { ` + find + ` return JSON.stringify(w.content.model.toJSON()) })()`
	top      = `void document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)`
	// live is true when a live block stands on the page and shows speed and a grid; it is brought into sight.
	live = `(() => { const bar = document.querySelector('.jp-OutputArea-output progress');
		bar?.scrollIntoView({block: 'center'});
		const block = bar?.parentElement;
		return !!block?.querySelector('img') && block.textContent.includes('img/s') })()`
)

// page is a tab of the browser.
type page struct {
	t     *testing.T
	ctx   context.Context
	shots string // beginning of the paths of screenshots
}

func (p page) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// evaluate returns the value of an expression of JavaScript.
func evaluate[T any](p page, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// wait waits until an expression is true. Errors count as false: a page that still loads has not got what is asked for.
func (p page) wait(what, expression string, limit time.Duration) {
	p.t.Helper()
	start := time.Now()
	for {
		yes, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](expression))
		if err == nil && yes {
			p.t.Logf("%s: after %.1f s", what, time.Since(start).Seconds())
			return
		}
		if time.Since(start) > limit {
			p.shoot("failed")
			p.t.Fatalf("%s did not come within %v (%v)", what, limit, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// shoot takes a screenshot of the window.
func (p page) shoot(kind string) {
	p.t.Helper()
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	path := p.shots + "-" + kind + ".png"
	if err == nil {
		err = os.WriteFile(path, picture, 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Log("screenshot: " + path)
}

// runAll opens a copy of a notebook, runs all its cells, waits for a live block and for the end, and takes a screenshot of
// both into out/browser. It fails if an output tells of a failure or no live block was seen.
func (l *lab) runAll(t *testing.T, source, place string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(l.root, source))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(l.root, "out", place)
	if err := os.WriteFile(copied, data, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(copied) })
	p := page{t: t, ctx: openBrowser(t), shots: filepath.Join(l.root, "out", "browser", strings.TrimSuffix(filepath.Base(place), ".ipynb"))}
	p.do("opening", focus, chromedp.Navigate(l.url+"/lab/tree/"+place+"?token="+token))
	p.wait("the kernel", ready, time.Minute)
	evaluate[any](p, runAll)
	p.wait("the live block", live, time.Minute)
	p.shoot("live")
	p.wait("the end", ended, 3*time.Minute)
	p.do("a window for all of it", chromedp.EmulateViewport(1280, 6000), chromedp.Sleep(time.Second))
	evaluate[any](p, top)
	p.do("scrolling", chromedp.Sleep(time.Second))
	p.shoot("end")
	text := evaluate[string](p, document)
	if !json.Valid([]byte(text)) {
		t.Fatal("JupyterLab gave no notebook")
	}
	nb, err := ipynb.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, failure := range nb.Failures() {
		t.Error(failure)
	}
	pictures := 0
	for _, cell := range nb.Cells {
		for _, out := range cell.Outputs {
			if out.Data["image/png"] != "" {
				pictures++
			}
		}
	}
	if pictures == 0 {
		t.Error("the notebook shows no picture")
	}
}
