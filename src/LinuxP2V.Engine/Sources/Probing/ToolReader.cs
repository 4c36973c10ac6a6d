using System.Text.RegularExpressions;
using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Sources.Probing;

internal static class ToolReader
{
    public static ToolFacts Read(ProbeOutput output)
    {
        var versions = new Dictionary<string, string>();
        foreach (var section in output.All("tool"))
            versions[section.Argument] = ReadVersion(section.Lines);

        return new ToolFacts
        {
            Versions = versions,
            HasGnuTar = versions.TryGetValue("tar", out var tar) && tar.IndexOf("GNU tar", StringComparison.Ordinal) >= 0,
            HasGnuFind = versions.TryGetValue("find", out var find) && find.IndexOf("GNU", StringComparison.Ordinal) >= 0,
        };
    }

    private static string ReadVersion(IReadOnlyList<string> lines)
    {
        var filled = lines.Select(line => line.Trim()).Where(line => line.Length > 0).ToList();
        // busybox's applets complain about the option and then name busybox.
        return filled.FirstOrDefault(line => line.StartsWith("BusyBox", StringComparison.Ordinal))
            ?? filled.FirstOrDefault(line =>
                Regex.IsMatch(line, @"\d+\.\d+") && !line.StartsWith("Usage", StringComparison.OrdinalIgnoreCase)
            )
            ?? "";
    }
}

internal static class ProcessNames
{
    /// <summary>Names that the kernel has for processes, at most 15 characters.</summary>
    public static IEnumerable<string> Read(ProbeOutput output) =>
        output
            .Lines("processes")
            .Where(line => line.StartsWith("Name:", StringComparison.Ordinal))
            .Select(line => line.Substring(5).Trim());

    private static readonly HashSet<string> Databases =
    [
        "mysqld",
        "mariadbd",
        "postgres",
        "postmaster",
        "mongod",
        "redis-server",
        "valkey-server",
        "slapd",
        "ns-slapd",
        "etcd",
        "db2sysc",
        "influxd",
        "couchdb",
        "firebird",
        "fbserver",
        "sqlservr",
        "clickhouse-serv",
        "beam.smp",
        "samba",
        "hdbnameserver",
        "hdbindexserver",
        "oninit",
    ];

    /// <summary>Processes whose files are whole only when they are stopped or told to.</summary>
    public static IReadOnlyList<string> ReadDatabases(ProbeOutput output) =>
        [
            .. Read(output)
                .Select(name => name.StartsWith("ora_pmon", StringComparison.Ordinal) ? "oracle" : name)
                // beam.smp is Erlang, of which couchdb and rabbitmq are made; both keep data.
                .Where(name => name == "oracle" || Databases.Contains(name))
                .Distinct()
                .OrderBy(name => name, StringComparer.Ordinal),
        ];
}
