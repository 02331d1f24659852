package install

import "context"

// Where the CPU plugin lies below <home>/pjrt.
const (
	pluginDir   = "lammps-jax-pjrt-cpu-0.11.2"
	pluginFile  = "pjrt_c_api_cpu_plugin.so"
	checksummed = true
)

// cpuWheel holds XLA's CPU plugin of PJRT API 0.115 (wheel 63 MB, Apache-2.0).
var cpuWheel = wheel{
	name:         "lammps-jax-pjrt-cpu",
	version:      "0.11.2",
	sha256:       "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1",
	member:       pluginFile,
	memberSHA256: "ad1309ac822b1b24d51b7f9947c7c9fa9ef5d67f390584cbc3d1fa2428fed9c2",
	maxSize:      201600336,
}

func installCPU(ctx context.Context, root string, progress func(string)) (string, error) {
	return cpuWheel.install(ctx, root, pip, progress)
}
