// Package browser holds the test that opens notebooks in a real JupyterLab in a real browser: `make browser-test`. It has
// the build tag browser and is no part of `make test`, since it needs Chromium.
package browser
