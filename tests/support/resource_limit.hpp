#pragma once

#include <sys/resource.h>

#include <csignal>
#include <stdexcept>

namespace bytestore::testing {

/// While it lives, this process may have no more than that of a resource: with RLIMIT_FSIZE, writes
/// to files fail as on a full disk.
class ResourceLimit {
 public:
  ResourceLimit(__rlimit_resource_t resource, rlim_t most) : resource_(resource) {
    std::signal(SIGXFSZ, SIG_IGN);
    if (::getrlimit(resource, &before_) != 0) throw std::runtime_error("getrlimit failed");
    const rlimit limit{.rlim_cur = most, .rlim_max = before_.rlim_max};
    if (::setrlimit(resource, &limit) != 0) throw std::runtime_error("setrlimit failed");
  }
  ~ResourceLimit() { ::setrlimit(resource_, &before_); }
  ResourceLimit(const ResourceLimit&) = delete;
  ResourceLimit& operator=(const ResourceLimit&) = delete;

 private:
  __rlimit_resource_t resource_;
  rlimit before_{};
};

}  // namespace bytestore::testing
