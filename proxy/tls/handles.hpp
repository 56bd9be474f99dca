// SPDX-License-Identifier: Apache-2.0
// OpenSSL's objects as owners, and its error queue as text.
#pragma once

#include "base/handle.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <string>

namespace proxy::tls {

using SslPtr = base::Handle<SSL, SSL_free>;
using SslCtxPtr = base::Handle<SSL_CTX, SSL_CTX_free>;
using BioMethodPtr = base::Handle<BIO_METHOD, BIO_meth_free>;
static_assert(sizeof(SslPtr) == sizeof(SSL*));

/// The oldest error of this thread's queue, which is emptied; "no detail" when there is none.
std::string take_error_text();

}  // namespace proxy::tls
