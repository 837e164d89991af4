#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "bytestore/version.hpp"
#include "cli/text.hpp"
#include "cli/verbs/verbs.hpp"

namespace bytestore::cli {
namespace {

constexpr const char* kStoreVariable = "BYTESTORE_STORE";

constexpr const char* kFooter = R"(bytestore VERB --help describes a verb.

Stores:
  rocksdb:PATH[?sync=true|false]   a local folder; only one process at a time may hold it
  cassandra://[USER@]HOST[:PORT][,HOST...]/KEYSPACE?table=TABLE[&...]
                                   a table of Cassandra, if this build has that backend;
                                   docs/operations.md describes all parameters
  memory:                          in memory, for experiments; it ends with the process
put and import create a store that does not exist; the other verbs do not.

Environment:
  BYTESTORE_STORE      the store to use if --store is not given
  CASSANDRA_PASSWORD   the password of USER

Exit codes:
  0    everything was done, or the reader of the output went away
  1    some keys or files failed; they are listed on standard error, or only
       counted there if the store failed, so that the rest was not tried
  2    wrong usage, or a FILE or DIR that cannot be opened
  3    a key was not found
  4    the store cannot be reached, does not exist, or refused; nothing was done
  130  the command was stopped by Ctrl-C (SIGINT); 143 by SIGTERM. Standard error
       says what was done. A second Ctrl-C ends the command at once.

Keys are UTF-8 of 1 to 65,535 bytes. Write -- before keys that begin with a dash.
Example: bytestore --store rocksdb:./data put greeting hello.txt)";

/// CLI11 splits an argument like `[a,b]` where several are allowed. To keep such keys whole,
/// such arguments are marked before CLI11 sees them, and the mark is removed from its results.
constexpr char kMark = '\x01';

std::string marked(std::string argument) {
  if (argument.starts_with('[') || argument.starts_with(kMark)) argument.insert(0, 1, kMark);
  return argument;
}

std::string unmarked(std::string argument) {
  if (argument.starts_with(kMark)) argument.erase(0, 1);
  return argument;
}

CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& into,
                      const std::string& description) {
  return app
      .add_option_function<std::string>(
          name, [&into](const std::string& given) { into = unmarked(given); }, description)
      ->type_name("");
}

CLI::Option* add_keys(CLI::App& verb, std::vector<std::string>& into) {
  return verb
      .add_option_function<std::vector<std::string>>(
          "KEY",
          [&into](const std::vector<std::string>& given) {
            for (const auto& key : given) into.push_back(unmarked(key));
          },
          "the keys, in order")
      ->type_name("");
}

CLI::Option* add_prefix(CLI::App& verb, std::string& into, const std::string& description) {
  return add_text(verb, "--prefix", into, description)->type_name("P");
}

CLI::Option* add_limit(CLI::App& verb, std::optional<std::uint64_t>& into) {
  const auto read = [&into](const std::string& given) {
    std::uint64_t limit = 0;
    const auto* end = given.data() + given.size();
    const auto [rest, error] = std::from_chars(given.data(), end, limit);
    if (error != std::errc{} || rest != end) {
      throw CLI::ValidationError("--limit", in_quotes(given) + " is not a number of keys");
    }
    into = limit;
  };
  return verb.add_option_function<std::string>("--limit", read, "at most N keys")->type_name("N");
}

using Run = std::function<ExitCode(const Context&)>;
template <typename Arguments>
using Function = ExitCode (*)(const Context&, const Arguments&);

struct VerbText {
  std::string name;
  std::string summary;  ///< one line, for the list of verbs too
  std::string details;  ///< complete lines
  std::string example;  ///< what follows the store
};

/// Adds a verb, and returns it with the arguments that its options fill in. If the verb is given,
/// it is assigned to `chosen`.
template <typename Arguments>
std::pair<CLI::App&, Arguments&> add_verb(CLI::App& app, Run& chosen, Function<Arguments> function,
                                          const VerbText& text) {
  CLI::App& verb = *app.add_subcommand(text.name, text.summary);
  const auto arguments = std::make_shared<Arguments>();
  verb.group("Verbs")->fallthrough()->footer(
      fmt::format("{}Example: bytestore --store rocksdb:./data {}", text.details, text.example));
  verb.callback([&chosen, function, arguments] {
    chosen = [function, arguments](const Context& context) {
      return function(context, *arguments);
    };
  });
  return {verb, *arguments};
}

void add_put(CLI::App& app, Run& chosen) {
  auto [verb, arguments] =
      add_verb<PutArguments>(app, chosen, put,
                             {.name = "put",
                              .summary = "Store one value",
                              .details = "It replaces an earlier value of the key.\n",
                              .example = "put greeting hello.txt"});
  add_text(verb, "KEY", arguments.key, "the key")->required();
  add_text(verb, "FILE", arguments.file, "the value; if it is - or not given, standard input");
}

void add_get(CLI::App& app, Run& chosen) {
  auto [verb, arguments] = add_verb<GetArguments>(
      app, chosen, get,
      {.name = "get",
       .summary = "Write the values of keys, one after another",
       .details = "The bytes are written unchanged, in the order of the keys. Absent keys are\n"
                  "listed on standard error. FILE is written completely, and only if all keys\n"
                  "were found.\n",
       .example = "get greeting -o hello.txt"});
  add_keys(verb, arguments.keys)->required();
  add_text(verb, "-o,--output", arguments.file, "write to FILE, not to standard output")
      ->type_name("FILE");
}

void add_delete(CLI::App& app, Run& chosen) {
  auto [verb, arguments] = add_verb<DeleteArguments>(
      app, chosen, delete_keys,
      {.name = "delete",
       .summary = "Delete keys",
       .details = "Absent keys are ignored. To delete the keys that a listing finds:\n"
                  "  bytestore keys -0 --prefix P | bytestore delete -0\n"
                  "With -0, all keys are read before the store is opened, since the listing may\n"
                  "hold the store until it ends. With xargs, write the list to a file first.\n",
       .example = "delete greeting"});
  auto* keys = add_keys(verb, arguments.keys);
  auto* input = verb.add_flag("-0,--null", arguments.from_input,
                              "read keys from standard input, each ended by a NUL byte");
  keys->excludes(input)->option_text("...");
  input->option_text(" ");
}

void add_listing(CLI::App& app, Run& chosen) {
  auto [verb, arguments] = add_verb<KeysArguments>(
      app, chosen, keys,
      {.name = "keys",
       .summary = "List keys, in no particular order",
       .details = "Keys are written as they are, even if they contain a newline or control\n"
                  "characters; use -0 or --json to separate such keys. With -0, a key that\n"
                  "contains a NUL byte is left out and listed on standard error.\n",
       .example = "keys --prefix docs/ --limit 10"});
  add_prefix(verb, arguments.prefix, "only keys that begin with P");
  add_limit(verb, arguments.limit);
  auto* nul = verb.add_flag("-0,--null", arguments.nul_terminated,
                            "end each key with a NUL byte, not a newline");
  auto* json = verb.add_flag("--json", arguments.json, "write each key as a JSON string on a line");
  json->excludes(nul)->option_text(" ");
  nul->option_text(" ");
}

void add_count(CLI::App& app, Run& chosen) {
  auto [verb, arguments] = add_verb<CountArguments>(
      app, chosen, count,
      {.name = "count",
       .summary = "Count keys",
       .details =
           "Every key is read, unless --estimate makes the store say about how many there\n"
           "are. RocksDB then also counts keys that were overwritten or deleted recently, and\n"
           "Cassandra leaves out what its servers have not written to disk yet.\n",
       .example = "count --prefix docs/"});
  auto* prefix = add_prefix(verb, arguments.prefix, "only keys that begin with P");
  verb.add_flag("--estimate", arguments.estimate, "say at once about how many there are")
      ->excludes(prefix);
  verb.add_flag("--json", arguments.json, "print {\"count\": N}");
}

void add_import(CLI::App& app, Run& chosen) {
  auto [verb, arguments] = add_verb<TreeArguments>(
      app, chosen, import_tree,
      {.name = "import",
       .summary = "Store every file below a folder",
       .details = "A file's key is the prefix and its path below DIR. Links to files are read;\n"
                  "links to folders are not followed. What cannot be stored (a name that is not\n"
                  "UTF-8, a broken link, a device) is listed, and the import continues. If the\n"
                  "store fails, the import ends and says how many files were not stored and how\n"
                  "many may have been stored; the same import again completes it.\n",
       .example = "import ./docs --prefix docs/"});
  add_text(verb, "DIR", arguments.folder, "the folder")->required();
  add_prefix(verb, arguments.prefix, "put P before every key");
}

void add_export(CLI::App& app, Run& chosen) {
  auto [verb, arguments] = add_verb<TreeArguments>(
      app, chosen, export_tree,
      {.name = "export",
       .summary = "Write every key to a file below a folder",
       .details = "A file's path below DIR is its key without the prefix. Each file is written\n"
                  "completely or not at all. A key that is not a path, or would lead out of DIR,\n"
                  "is refused and listed, and the export continues.\n",
       .example = "export ./copy --prefix docs/"});
  add_text(verb, "DIR", arguments.folder, "the folder; it is created if it does not exist")
      ->required();
  add_prefix(verb, arguments.prefix, "only keys that begin with P");
}

/// Returns " get" if that verb was given, to complete a hint.
std::string given_verb(const CLI::App& app) {
  const auto verbs = app.get_subcommands();
  return verbs.empty() ? "" : " " + verbs.back()->get_name();
}

Failure usage_failure(const CLI::App& app, const std::string& problem) {
  return {ExitCode::usage, fmt::format("{}; see bytestore{} --help", problem, given_verb(app))};
}

/// Returns what is valid in place of an argument that was not understood: options, or verbs.
std::set<std::string> valid_words(const CLI::App& app, bool options) {
  std::set<std::string> words;
  if (!options) {
    for (const auto* verb : app.get_subcommands({})) words.insert(verb->get_name());
    return words;
  }
  std::vector<const CLI::App*> apps{&app};
  for (const auto* verb : app.get_subcommands()) apps.push_back(verb);
  for (const auto* one : apps) {
    for (const auto* option : one->get_options()) {
      for (const auto& name : option->get_lnames()) words.insert("--" + name);
    }
  }
  return words;
}

/// Returns the failure for the first argument that was not understood. Its value after `=`, and
/// anything that looks like a URI, is not repeated, since it may contain a password.
Failure unexpected(const CLI::App& app, const std::string& argument) {
  const bool is_option = argument.starts_with('-');
  const auto word = is_option ? argument.substr(0, argument.find('=')) : unmarked(argument);
  if (!is_option && word.find(':') != std::string::npos) {
    return usage_failure(app, "unexpected argument (--store names a store)");
  }
  const bool is_verb = !is_option && app.get_subcommands().empty();
  auto problem =
      fmt::format("{} {}", is_verb ? "there is no verb" : "unexpected argument", in_quotes(word));
  if (is_verb || is_option) {
    problem += fmt::format("; valid: {}", fmt::join(valid_words(app, is_option), ", "));
  }
  return usage_failure(app, problem);
}

void parse(CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> reversed;  // as CLI11 wants them
  for (int i = argc - 1; i > 0; --i) reversed.push_back(marked(argv[i]));
  app.parse(std::move(reversed));
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  Command command;
  CLI::App app("Keep values by key, in a local store or on a server.", "bytestore");
  app.get_formatter()->label("SUBCOMMAND", "VERB");
  app.get_formatter()->label("REQUIRED", "");
  app.get_formatter()->column_width(28);
  app.require_subcommand(0, 1);  // a missing verb is reported below, after unknown words
  app.footer(kFooter);
  app.set_version_flag("--version", std::string(version()), "print the version and exit");
  app.set_help_flag("-h,--help", "print this help and exit");
  add_text(app, "--store", command.uri, "the store to work on")
      ->type_name("URI")
      ->envname(kStoreVariable);
  for (const auto add :
       {add_put, add_get, add_delete, add_listing, add_count, add_import, add_export}) {
    add(app, command.run);
  }

  try {
    parse(app, argc, argv);
  } catch (const CLI::CallForHelp&) {
    return {.text = app.help(), .uri = {}, .run = {}};
  } catch (const CLI::CallForVersion&) {
    return {.text = fmt::format("{}\n", version()), .uri = {}, .run = {}};
  } catch (const CLI::ExtrasError&) {
    throw unexpected(app, app.remaining(true).front());
  } catch (const CLI::ParseError& error) {
    throw usage_failure(app, error.what());
  }
  if (!command.run) throw usage_failure(app, "a verb is needed");
  if (command.uri.empty()) {
    throw usage_failure(
        app, fmt::format("no store is given; write --store URI or set {}", kStoreVariable));
  }
  return command;
}

}  // namespace bytestore::cli
