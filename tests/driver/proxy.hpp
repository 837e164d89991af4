#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace bytestore::cassandra {

/// Stands between a client and one server, and holds back or cuts what passes. It listens at the
/// server's address: the driver looks there for all nodes, at the port of the contact points.
class Proxy {
 public:
  /// Listens on a free port.
  Proxy(const std::string& host, std::uint16_t port) : Proxy(host, port, host, 0) {}
  Proxy(const std::string& host, std::uint16_t port, const std::string& listen_host,
        std::uint16_t listen_port);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// From now on answers do not arrive.
  void stall();
  /// From now on nothing passes on the connections that there are, and nobody is told; new ones
  /// work. So does an address translator that has been restarted.
  void forget();
  /// From now on clients are taken to have sent `to` where they send `from`, which is as long.
  void replace(std::string from, std::string to);
  /// Ends all connections and accepts no new ones.
  void cut();

 private:
  struct Link;

  void run(const std::function<void()>& change);
  void accept();
  void read(const std::shared_ptr<Link>& link, bool upwards);

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint server_;
  std::uint16_t port_ = 0;
  bool stalled_ = false;
  std::string replaced_;  ///< empty: nothing
  std::string replacement_;
  std::vector<std::weak_ptr<Link>> links_;
  std::vector<std::shared_ptr<Link>> forgotten_;  ///< kept, so that they stay open
  std::thread thread_;
};

}  // namespace bytestore::cassandra
