#include "cli/verb_options.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "cli/arguments.hpp"
#include "cli/verbs/verbs.hpp"

namespace bytestore::cli {
namespace {

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
                  "were found. If it is a symbolic link, the link's target is written, whether it\n"
                  "exists or not.\n",
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
           "Cassandra leaves out what its servers have not written to disk yet. Keys that\n"
           "no store accepts are left out, and counted.\n",
       .example = "count --prefix docs/"});
  auto* prefix = add_prefix(verb, arguments.prefix, "only keys that begin with P");
  verb.add_flag("--estimate", arguments.estimate, "say at once about how many there are")
      ->excludes(prefix);
  verb.add_flag("--json", arguments.json,
                R"(print {"count": N, "left_out": N}, without the latter with --estimate)");
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
                  "many may have been stored; the same import again completes it. What a\n"
                  "killed export left of a file is left out and counted.\n",
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
                  "is refused and listed, and the export continues. An unfinished file that a\n"
                  "killed export left below DIR (.bytestore-...) is removed.\n",
       .example = "export ./copy --prefix docs/"});
  add_text(verb, "DIR", arguments.folder, "the folder; it is created if it does not exist")
      ->required();
  add_prefix(verb, arguments.prefix, "only keys that begin with P");
}

void add_compact(CLI::App& app, Run& chosen) {
  add_verb<CompactArguments>(
      app, chosen, compact,
      {.name = "compact",
       .summary = "Free the space of what was deleted, in a local folder",
       .details =
           "A store that stays open frees it by itself; this is for one that is opened only\n"
           "now and then, and for at once. All data is read and written once, and until that\n"
           "is done the disk holds both. Ctrl-C stops it at any time, and loses nothing. The\n"
           "sizes before and after are printed on standard error.\n",
       .example = "compact"});
}

}  // namespace

void add_verbs(CLI::App& app, Run& chosen) {
  for (const auto add : {add_put, add_get, add_delete, add_listing, add_count, add_import,
                         add_export, add_compact}) {
    add(app, chosen);
  }
}

}  // namespace bytestore::cli
