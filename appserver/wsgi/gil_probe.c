// SPDX-License-Identifier: Apache-2.0
// Reads the word that CPython itself reads without a lock before it waits for the GIL.
#include "appserver/wsgi/gil_probe.h"

#include <patchlevel.h>
#if PY_VERSION_HEX >= 0x030C0000
#define Py_BUILD_CORE 1
#endif
#include <Python.h>

#if PY_VERSION_HEX < 0x030C0000

// One current thread state per process, cleared by whoever lets go of the GIL.
int gh_gil_is_free(void) {
  return _PyThreadState_UncheckedGet() == NULL;
}

#else

// The current thread state became a thread-local variable: only the lock itself is left to look at.
#include <internal/pycore_interp.h>

int gh_gil_is_free(void) {
  const PyInterpreterState* const main_interpreter = PyInterpreterState_Main();
  if (main_interpreter == NULL) return 1;
  const struct _gil_runtime_state* const gil = main_interpreter->ceval.gil;
  if (gil == NULL) return 1;
#if PY_VERSION_HEX < 0x030D0000
  return __atomic_load_n(&gil->locked._value, __ATOMIC_RELAXED) <= 0;
#else
  return __atomic_load_n(&gil->locked, __ATOMIC_RELAXED) <= 0;
#endif
}

#endif
