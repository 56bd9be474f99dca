// SPDX-License-Identifier: Apache-2.0
#include "appserver/daemon/claims.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace appserver::daemon {

namespace {

constexpr std::size_t kHeadBytes = 64;

std::size_t page_bytes(unsigned links, unsigned threads) {
  return kHeadBytes + std::size_t{links} * kWindow * sizeof(std::uint64_t) +
         std::size_t{threads} * sizeof(ThreadClaim);
}

}  // namespace

base::Result<base::Fd> Claims::create(unsigned links, unsigned threads) {
  base::Fd fd(::memfd_create("gatehouse-claims", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return base::fail(base::system_error("memfd_create", errno));
  if (::ftruncate(fd.get(), static_cast<off_t>(page_bytes(links, threads))) != 0)
    return base::fail(base::system_error("ftruncate", errno));
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return base::fail(base::system_error("F_ADD_SEALS", errno));
  return fd;
}

base::Result<Claims> Claims::map(int fd, unsigned links, unsigned threads) {
  Claims claims;
  claims.bytes_ = page_bytes(links, threads);
  void* base = ::mmap(nullptr, claims.bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return base::fail(base::system_error("mmap of the claims page", errno));
  claims.base_ = base;
  // The kernel zeroes new pages and all members are lock-free atomics of integers: no construction
  // needed.
  auto* bytes = static_cast<char*>(base);
  claims.busy_ = reinterpret_cast<std::atomic<std::uint32_t>*>(bytes);
  claims.words_ = reinterpret_cast<std::atomic<std::uint64_t>*>(bytes + kHeadBytes);
  claims.threads_ = reinterpret_cast<ThreadClaim*>(
      bytes + kHeadBytes + std::size_t{links} * kWindow * sizeof(std::uint64_t));
  claims.thread_count_ = threads;
  return claims;
}

Claims::Claims(Claims&& other) noexcept {
  *this = std::move(other);
}

Claims& Claims::operator=(Claims&& other) noexcept {
  if (this != &other) {
    if (base_ != nullptr) (void)::munmap(base_, bytes_);
    base_ = std::exchange(other.base_, nullptr);
    bytes_ = other.bytes_;
    busy_ = other.busy_;
    words_ = other.words_;
    threads_ = other.threads_;
    thread_count_ = other.thread_count_;
  }
  return *this;
}

Claims::~Claims() {
  if (base_ != nullptr) (void)::munmap(base_, bytes_);
}

}  // namespace appserver::daemon
