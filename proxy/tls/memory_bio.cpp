// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls/memory_bio.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cstring>

namespace proxy::tls {

namespace {

// Called by OpenSSL: `noexcept`, as no exception may cross it.
CipherStreams& streams_of(BIO* bio) {
  return *static_cast<CipherStreams*>(BIO_get_data(bio));
}

int read_in(BIO* bio, char* into, std::size_t size, std::size_t* done) noexcept {
  CipherStreams& streams = streams_of(bio);
  BIO_clear_retry_flags(bio);
  *done = std::min(size, streams.in.size());
  if (*done > 0) {
    std::memcpy(into, streams.in.data(), *done);
    streams.in.remove_prefix(*done);
    return 1;
  }
  if (!streams.in_ended) BIO_set_retry_read(bio);
  return 0;
}

int write_out(BIO* bio, const char* from, std::size_t size, std::size_t* done) noexcept {
  streams_of(bio).out.append({from, size});
  *done = size;
  return 1;
}

long control(BIO* bio, int command, long, void*) noexcept {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return streams_of(bio).in_ended && streams_of(bio).in.empty() ? 1 : 0;
    default:
      return 0;
  }
}

BIO_METHOD* method() {
  static const BioMethodPtr made = [] {
    BioMethodPtr bio(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cipher streams"));
    GH_ASSERT(bio != nullptr);
    BIO_meth_set_read_ex(bio.get(), read_in);
    BIO_meth_set_write_ex(bio.get(), write_out);
    BIO_meth_set_ctrl(bio.get(), control);
    return bio;
  }();
  return made.get();
}

}  // namespace

void attach_streams(SSL* ssl, CipherStreams& streams) {
  BIO* bio = BIO_new(method());  // owned by `ssl` from SSL_set_bio on
  GH_ASSERT(bio != nullptr);
  BIO_set_data(bio, &streams);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
}

}  // namespace proxy::tls
