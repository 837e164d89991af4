#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
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
  /// From now on the server gets no requests to prepare statements: they are answered as by one
  /// that has too much to do, with these `words`, at most 100 bytes. Before there are connections.
  void refuse_to_prepare(std::string words);
  /// From now on it gets them again.
  void prepare_again();
  /// How often one was answered so.
  [[nodiscard]] int refused() const noexcept { return refused_; }
  /// Ends all connections; new ones work.
  void hang_up();
  /// Ends all connections and accepts no new ones.
  void cut();

 private:
  struct Link;

  void run(const std::function<void()>& change);
  void close_links();
  void accept();
  void read(const std::shared_ptr<Link>& link, bool upwards);
  void write(const std::shared_ptr<Link>& link, bool upwards, std::string bytes);
  std::string pass(const std::shared_ptr<Link>& link, std::string_view sent);

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint server_;
  std::uint16_t port_ = 0;
  bool stalled_ = false;
  std::string replaced_;  ///< empty: nothing
  std::string replacement_;
  bool reads_frames_ = false;
  std::string refusal_;  ///< empty: none
  std::atomic<int> refused_ = 0;
  std::vector<std::weak_ptr<Link>> links_;
  std::vector<std::shared_ptr<Link>> forgotten_;  ///< kept, so that they stay open
  std::thread thread_;
};

}  // namespace bytestore::cassandra
