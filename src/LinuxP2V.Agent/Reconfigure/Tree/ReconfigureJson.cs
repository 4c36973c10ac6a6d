using System.Text.Json;
using System.Text.Json.Serialization;

namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <param name="Existed">False for a file that the reconfiguration made.</param>
/// <param name="Written">Fingerprint of what the run left there; null while a run is under way.</param>
internal sealed record OriginalEntry(string Path, bool Existed, string? Written);

internal sealed record ReportedChange(string Concern, string Subject, string What, string Why);

/// <summary>/var/lib/linuxp2v/report.json: what was changed in this machine and why.</summary>
internal sealed record ReconfigureReport(
    DateTimeOffset Time,
    IReadOnlyList<ReportedChange> Changes,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Warnings
);

/// <summary>What an initramfs was built from, so that a repeated run need not build it again.</summary>
/// <param name="Length">Of the image, bytes.</param>
/// <param name="Inputs">Digest of the changed configuration that must be inside.</param>
internal sealed record BuiltImage(string Path, long Length, DateTimeOffset Modified, string Inputs);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(List<OriginalEntry>))]
[JsonSerializable(typeof(ReconfigureReport))]
[JsonSerializable(typeof(List<BuiltImage>))]
internal sealed partial class ReconfigureJson : JsonSerializerContext;
