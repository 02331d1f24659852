// The part of PJRT's C interface that the cache of compiled programs needs: positions in the plugin's function table and
// layouts of argument structures, major version 0. Within a major version entries and fields are only ever appended.
// layout_test.go compares all of it with the header that go-xla is built with.
#ifndef GOGAN_PJRT_H
#define GOGAN_PJRT_H

#include <stddef.h>

#define GG_MAJOR_VERSION 0
#define GG_SLOTS 8  // plugins that one process can open with the cache

// Positions in the function table, counted from 0.
enum {
  GG_ERROR_DESTROY = 0,
  GG_ERROR_MESSAGE = 1,
  GG_CLIENT_PLATFORM_VERSION = 14,
  GG_CLIENT_ADDRESSABLE_DEVICES = 16,
  GG_CLIENT_COMPILE = 20,
  GG_DEVICE_DESCRIPTION_KIND = 26,
  GG_DEVICE_GET_DESCRIPTION = 29,
  GG_EXECUTABLE_DESTROY = 40,
  GG_EXECUTABLE_SERIALIZE = 49,
  GG_LOADED_EXECUTABLE_GET_EXECUTABLE = 51,
  GG_EXECUTABLE_DESERIALIZE_AND_LOAD = 56,
  GG_ENTRIES = 57,  // entries that a table must have at least
};

// Every argument structure begins with its size and a list of extensions (NULL here). A function returns NULL or an
// error object. "out" fields are set by the plugin.
#define GG_HEAD \
  size_t struct_size; \
  void *extensions

typedef void *(*gg_function)(void *args);

typedef struct {
  GG_HEAD;
  struct {
    GG_HEAD;
    int major, minor;
  } version;
  gg_function entry[];
} gg_table;

typedef struct { GG_HEAD; void *error; } gg_error_destroy;
typedef struct { GG_HEAD; void *error; const char *message; size_t message_size; } gg_error_message;
typedef struct { GG_HEAD; void *client; const char *text; size_t size; } gg_platform_version;
typedef struct { GG_HEAD; void *client; void *const *devices; size_t count; } gg_addressable_devices;
typedef struct { GG_HEAD; void *device; void *description; } gg_get_description;
typedef struct { GG_HEAD; void *description; const char *text; size_t size; } gg_device_kind;
typedef struct { GG_HEAD; void *executable; } gg_executable_destroy;
typedef struct { GG_HEAD; void *loaded; void *executable; } gg_get_executable;

typedef struct {
  GG_HEAD;
  const char *code;
  size_t code_size;
  const char *format;
  size_t format_size;
} gg_program;

typedef struct {
  GG_HEAD;
  void *client;
  const gg_program *program;
  const char *options;
  size_t options_size;
  void *loaded;  // out
} gg_compile;

typedef struct {
  GG_HEAD;
  void *executable;
  const char *bytes;  // out, lives as long as holder
  size_t size;        // out
  void *holder;       // out
  void (*release)(void *holder);  // out
} gg_serialize;

typedef struct {
  GG_HEAD;
  void *client;
  const char *bytes;
  size_t size;
  void *loaded;         // out
  const char *options;  // NULL: those of the serialized program
  size_t options_size;
} gg_load;

// gg_open loads the plugin at path, checks its table, and makes a copy of it that compiles through the Go function
// goganCompile(slot, args). It returns NULL, or why not in memory of malloc. The plugin stays loaded.
char *gg_open(const char *path, int slot, const gg_table **real, gg_table **hooked);

// gg_call_compile calls the plugin's own compile function and returns its error object or NULL.
void *gg_call_compile(const gg_table *t, gg_compile *args);

// The following return NULL, or the plugin's error text in memory of malloc.
char *gg_call_platform_version(const gg_table *t, void *client, const char **text, size_t *size);
char *gg_call_devices(const gg_table *t, void *client, void *const **devices, size_t *count);
char *gg_call_device_kind(const gg_table *t, void *device, const char **text, size_t *size);
char *gg_call_serialize(const gg_table *t, void *loaded, gg_serialize *out);
char *gg_call_load(const gg_table *t, void *client, const void *bytes, size_t size, void **loaded);

// gg_release frees what gg_call_serialize returned.
void gg_release(gg_serialize *s);

#endif
