// How long connecting takes, beside contact points that hang. To measure; no test.
//
//   driver_connect_times [CONNECTS]     with BYTESTORE_TEST_SERVER as for the tests; 100 of each
//   kind

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "driver_test.hpp"
#include "support/silent_host.hpp"

namespace bytestore::cassandra {
namespace {

using testing::SilentHost;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

/// Contact points, and how connecting by them went.
struct Kind {
  std::string name;
  CassandraSessionOptions config;
  std::vector<double> milliseconds{};
  int failed = 0;

  void connect_once() {
    const auto begun = Clock::now();
    const bool connected =
        std::holds_alternative<std::unique_ptr<DriverSession>>(try_connect(config));
    milliseconds.push_back(Milliseconds(Clock::now() - begun).count());
    if (!connected) ++failed;
  }

  void print() {
    std::ranges::sort(milliseconds);
    const auto at = [this](double share) {
      return milliseconds[static_cast<std::size_t>(share *
                                                   static_cast<double>(milliseconds.size() - 1))];
    };
    fmt::print("{:24} {} connects, {} failed, p50 {:.1f} ms, p99 {:.1f} ms, most {:.1f} ms\n", name,
               milliseconds.size(), failed, at(0.5), at(0.99), milliseconds.back());
  }
};

void measure(int connects) {
  std::vector<std::unique_ptr<SilentHost>> hosts;
  std::vector<Kind> kinds;
  const auto add = [&](std::string name, int hung, SilentHost::Kind how) {
    CassandraSessionOptions config = server();
    config.connect_timeout = std::chrono::seconds{10};
    for (int i = 0; i != hung; ++i) {
      hosts.push_back(std::make_unique<SilentHost>(how, "127.0.0.1"));
      config.contact_points.push_back(hosts.back()->contact_point());
    }
    kinds.push_back({std::move(name), std::move(config)});
  };
  add("all well", 0, SilentHost::Kind::mute);
  add("1 of 2 says nothing", 1, SilentHost::Kind::mute);
  add("2 of 3 say nothing", 2, SilentHost::Kind::mute);
  add("1 of 2 swallows packets", 1, SilentHost::Kind::off);
  add("2 of 3 swallow packets", 2, SilentHost::Kind::off);
  for (int i = 0; i != connects; ++i) {
    for (Kind& kind : kinds) kind.connect_once();
  }
  for (Kind& kind : kinds) kind.print();
}

}  // namespace
}  // namespace bytestore::cassandra

int main(int argc, char** argv) {
  bytestore::cassandra::measure(argc > 1 ? std::atoi(argv[1]) : 100);
}
