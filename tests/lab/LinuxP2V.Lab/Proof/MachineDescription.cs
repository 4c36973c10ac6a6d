using LinuxP2V.Lab.Machines;

namespace LinuxP2V.Lab.Proof;

/// <summary>What a machine says of itself, in the order it said it; and the full list behind the data set's checksum.</summary>
public sealed record MachineDescription(IReadOnlyList<KeyValuePair<string, string>> Facts, string Manifest)
{
    private const string SystemFiles = "system-files";
    private const string RemoteManifest = "/run/linuxp2v-lab-manifest";

    public string? this[string name] => Facts.FirstOrDefault(fact => fact.Key == name).Value;

    /// <summary>Whether it tells of the system's files too.</summary>
    public bool IsWhole => this[SystemFiles] is not null;

    /// <summary>Runs describe.sh inside the machine, as root. Takes half a minute under TCG: it hashes the data set.</summary>
    /// <param name="whole">The system's files too, which takes another minute.</param>
    public static async Task<MachineDescription> ReadAsync(SshLogin root, CancellationToken cancellationToken, bool whole = false)
    {
        var script = await File.ReadAllTextAsync(Path.Combine(LabPaths.Repository, "tests", "lab", "describe.sh"), cancellationToken);
        var facts = await root.RunAsync($"MANIFEST_TO={RemoteManifest} WHOLE={(whole ? "yes" : "")} sh -s", cancellationToken, script);
        facts.OrThrow("The machine did not describe itself");
        var manifest = await root.RunAsync($"cat {RemoteManifest}; rm -f {RemoteManifest}", cancellationToken);
        manifest.OrThrow("The list of the data set was not read");
        return new MachineDescription(Parse(facts.Output), manifest.Output);
    }

    internal static IReadOnlyList<KeyValuePair<string, string>> Parse(string output) =>
        [
            .. output
                .Split('\n')
                .Select(line => line.Split('\t', 2))
                .Where(parts => parts.Length == 2)
                .Select(parts => KeyValuePair.Create(parts[0], parts[1].Trim())),
        ];
}
