//go:build cgo && linux

package pjrtcache

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// headers returns pjrt.h and the header of PJRT that go-xla is built with.
func headers(t *testing.T) (ours, theirs string) {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	a, err := os.ReadFile("pjrt.h")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "pjrt", "pjrt_c_api.h"))
	if err != nil {
		t.Fatal(err)
	}
	return string(a), string(b)
}

// TestPositionsAreThoseOfPJRT compares each GG_NAME = POSITION with the order of the table in PJRT's header.
func TestPositionsAreThoseOfPJRT(t *testing.T) {
	ours, theirs := headers(t)
	var table []string
	for _, m := range regexp.MustCompile(`(?m)^  _PJRT_API_STRUCT_FIELD\(PJRT_(\w+)\);`).FindAllStringSubmatch(theirs, -1) {
		table = append(table, strings.ToUpper(strings.ReplaceAll(m[1], "_", "")))
	}
	if len(table) < 100 {
		t.Fatalf("only %d entries were found in PJRT's header", len(table))
	}
	found := 0
	for _, m := range regexp.MustCompile(`(?m)^  GG_(\w+) = (\d+),$`).FindAllStringSubmatch(ours, -1) {
		position, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		found++
		if want := slices.Index(table, strings.ReplaceAll(m[1], "_", "")); position != want {
			t.Errorf("GG_%s is %d, in PJRT's table %d", m[1], position, want)
		}
	}
	if found != 11 {
		t.Errorf("%d positions were found in pjrt.h, want 11", found)
	}
}

// TestLayoutsAreThoseOfPJRT lets the C compiler compare the size of each structure, and the place of each field that is
// used, with PJRT's header.
func TestLayoutsAreThoseOfPJRT(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	source.WriteString("#include \"pjrt.h\"\n#include \"pjrt_c_api.h\"\n")
	for _, s := range layouts {
		names := strings.Fields(s)
		ours, theirs := names[0], names[1]
		if theirs != "PJRT_Api" { // ours is the head of a longer table
			source.WriteString("_Static_assert(sizeof(" + ours + ") == sizeof(" + theirs + "), \"size of " + ours + "\");\n")
		}
		for i := 2; i < len(names); i += 2 {
			source.WriteString("_Static_assert(offsetof(" + ours + ", " + names[i] + ") == offsetof(" + theirs + ", " +
				names[i+1] + "), \"" + ours + "." + names[i] + "\");\n")
		}
	}
	compiler := os.Getenv("CC")
	if compiler == "" {
		compiler = "cc"
	}
	cmd := exec.Command(compiler, "-std=c11", "-fsyntax-only", "-x", "c", "-I", here,
		"-I", filepath.Join(strings.TrimSpace(string(dir)), "pjrt"), "-")
	cmd.Stdin = strings.NewReader(source.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", compiler, err, out)
	}
}

// layouts lists our structure, PJRT's structure, and pairs of our and PJRT's field.
var layouts = []string{
	"gg_table PJRT_Api struct_size struct_size version pjrt_api_version entry PJRT_Error_Destroy" +
		" version.major pjrt_api_version.major_version entry[20] PJRT_Client_Compile",
	"gg_error_destroy PJRT_Error_Destroy_Args error error",
	"gg_error_message PJRT_Error_Message_Args error error message message message_size message_size",
	"gg_platform_version PJRT_Client_PlatformVersion_Args client client text platform_version size platform_version_size",
	"gg_addressable_devices PJRT_Client_AddressableDevices_Args client client devices addressable_devices" +
		" count num_addressable_devices",
	"gg_get_description PJRT_Device_GetDescription_Args device device description device_description",
	"gg_device_kind PJRT_DeviceDescription_Kind_Args description device_description text device_kind size device_kind_size",
	"gg_executable_destroy PJRT_Executable_Destroy_Args executable executable",
	"gg_get_executable PJRT_LoadedExecutable_GetExecutable_Args loaded loaded_executable executable executable",
	"gg_program PJRT_Program code code code_size code_size format format format_size format_size",
	"gg_compile PJRT_Client_Compile_Args client client program program options compile_options" +
		" options_size compile_options_size loaded executable",
	"gg_serialize PJRT_Executable_Serialize_Args executable executable bytes serialized_bytes size serialized_bytes_size" +
		" holder serialized_executable release serialized_executable_deleter",
	"gg_load PJRT_Executable_DeserializeAndLoad_Args client client bytes serialized_executable" +
		" size serialized_executable_size loaded loaded_executable options overridden_serialized_compile_options" +
		" options_size overridden_serialized_compile_options_size",
}
