-- SPDX-License-Identifier: Apache-2.0
-- wrk: POST of 64 KiB.
wrk.method = "POST"
wrk.body = string.rep("z", 65536)
wrk.headers["Content-Type"] = "application/octet-stream"
