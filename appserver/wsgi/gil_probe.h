// SPDX-License-Identifier: Apache-2.0
// Does any thread hold the GIL at this instant? From 3.12 on only CPython's internal headers can
// tell, and those are C.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// 1 when nobody holds the (main interpreter's) GIL; callable without it, from any thread, at any
/// time.
int gh_gil_is_free(void);

#ifdef __cplusplus
}
#endif
