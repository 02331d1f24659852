//go:build linux

#define _GNU_SOURCE
#include "pjrt.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"

// The plugin calls back without any context, so each plugin gets a function of its own that knows its slot.
#define GG_HOOK(n) \
  static void *hook##n(void *args) { return goganCompile(n, args); }
GG_HOOK(0) GG_HOOK(1) GG_HOOK(2) GG_HOOK(3) GG_HOOK(4) GG_HOOK(5) GG_HOOK(6) GG_HOOK(7)
static const gg_function hooks[GG_SLOTS] = {hook0, hook1, hook2, hook3, hook4, hook5, hook6, hook7};

static const int used[] = {
    GG_ERROR_DESTROY, GG_ERROR_MESSAGE, GG_CLIENT_PLATFORM_VERSION, GG_CLIENT_ADDRESSABLE_DEVICES,
    GG_CLIENT_COMPILE, GG_DEVICE_DESCRIPTION_KIND, GG_DEVICE_GET_DESCRIPTION, GG_EXECUTABLE_DESTROY,
    GG_EXECUTABLE_SERIALIZE, GG_LOADED_EXECUTABLE_GET_EXECUTABLE, GG_EXECUTABLE_DESERIALIZE_AND_LOAD};

static char *text(const char *format, const char *a) {
  char *s = NULL;
  return asprintf(&s, format, a) < 0 ? NULL : s;
}

// check returns why the table is not one that this file knows, or NULL.
static const char *check(const gg_table *t, const void *get) {
  if (t == NULL) return "it has no function table";
  if (t->struct_size < offsetof(gg_table, entry) + GG_ENTRIES * sizeof(gg_function) || t->struct_size > 1 << 20 ||
      t->struct_size % sizeof(gg_function) != 0)
    return "its function table has an unknown size";
  if (t->version.struct_size != sizeof t->version) return "its function table has an unknown head";
  if (t->version.major != GG_MAJOR_VERSION) return "it has another major version of PJRT";
  Dl_info plugin, owner;
  if (!dladdr(get, &plugin)) return "its code cannot be located";
  for (size_t i = 0; i < sizeof used / sizeof used[0]; i++) {
    void *entry = (void *)t->entry[used[i]];
    if (entry == NULL || !dladdr(entry, &owner) || owner.dli_fbase != plugin.dli_fbase)
      return "an entry of its function table is missing or not its own";
  }
  return NULL;
}

char *gg_open(const char *path, int slot, const gg_table **real, gg_table **hooked) {
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) return text("%s", dlerror());
  const gg_table *(*get)(void) = (const gg_table *(*)(void))dlsym(library, "GetPjrtApi");
  if (get == NULL) {
    char *why = text("%s", dlerror());
    dlclose(library);
    return why;
  }
  const gg_table *table = get();
  const char *unknown = check(table, (const void *)get);
  if (unknown != NULL) {
    dlclose(library);
    return text("%s", unknown);
  }
  gg_table *copy = malloc(table->struct_size);  // as long as the plugin's own, which may be newer than this file
  if (copy == NULL) return text("%s", "out of memory");
  memcpy(copy, table, table->struct_size);
  copy->entry[GG_CLIENT_COMPILE] = hooks[slot];
  *real = table;
  *hooked = copy;
  return NULL;
}

// message returns the text of an error object and frees the object; NULL for NULL.
static char *message(const gg_table *t, void *error) {
  if (error == NULL) return NULL;
  gg_error_message m = {.struct_size = sizeof m, .error = error};
  t->entry[GG_ERROR_MESSAGE](&m);
  char *s = strndup(m.message, m.message_size);
  gg_error_destroy d = {.struct_size = sizeof d, .error = error};
  t->entry[GG_ERROR_DESTROY](&d);
  return s;
}

void *gg_call_compile(const gg_table *t, gg_compile *args) { return t->entry[GG_CLIENT_COMPILE](args); }

char *gg_call_platform_version(const gg_table *t, void *client, const char **text, size_t *size) {
  gg_platform_version a = {.struct_size = sizeof a, .client = client};
  char *error = message(t, t->entry[GG_CLIENT_PLATFORM_VERSION](&a));
  *text = a.text;
  *size = a.size;
  return error;
}

char *gg_call_devices(const gg_table *t, void *client, void *const **devices, size_t *count) {
  gg_addressable_devices a = {.struct_size = sizeof a, .client = client};
  char *error = message(t, t->entry[GG_CLIENT_ADDRESSABLE_DEVICES](&a));
  *devices = a.devices;
  *count = a.count;
  return error;
}

char *gg_call_device_kind(const gg_table *t, void *device, const char **text, size_t *size) {
  gg_get_description d = {.struct_size = sizeof d, .device = device};
  char *error = message(t, t->entry[GG_DEVICE_GET_DESCRIPTION](&d));
  if (error != NULL) return error;
  gg_device_kind k = {.struct_size = sizeof k, .description = d.description};
  error = message(t, t->entry[GG_DEVICE_DESCRIPTION_KIND](&k));
  *text = k.text;
  *size = k.size;
  return error;
}

char *gg_call_serialize(const gg_table *t, void *loaded, gg_serialize *out) {
  gg_get_executable g = {.struct_size = sizeof g, .loaded = loaded};
  char *error = message(t, t->entry[GG_LOADED_EXECUTABLE_GET_EXECUTABLE](&g));
  if (error != NULL) return error;
  *out = (gg_serialize){.struct_size = sizeof *out, .executable = g.executable};
  error = message(t, t->entry[GG_EXECUTABLE_SERIALIZE](out));
  gg_executable_destroy d = {.struct_size = sizeof d, .executable = g.executable};
  free(message(t, t->entry[GG_EXECUTABLE_DESTROY](&d)));
  return error;
}

void gg_release(gg_serialize *s) {
  if (s->release != NULL) s->release(s->holder);
}

char *gg_call_load(const gg_table *t, void *client, const void *bytes, size_t size, void **loaded) {
  gg_load a = {.struct_size = sizeof a, .client = client, .bytes = bytes, .size = size};
  char *error = message(t, t->entry[GG_EXECUTABLE_DESERIALIZE_AND_LOAD](&a));
  *loaded = a.loaded;
  return error;
}
