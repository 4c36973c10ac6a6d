using System.Text.Json;
using System.Text.Json.Serialization;

namespace LinuxP2V.Agent.Storage;

/// <summary>One line of the journal; which members are set depends on <see cref="Kind"/>.</summary>
internal sealed record JournalEntry
{
    public required JournalEntryKind Kind { get; init; }

    public DateTimeOffset Time { get; init; }

    public string? ConversionId { get; init; }

    public string? LayoutHash { get; init; }

    /// <summary>Ids of the volumes that a complete copy has; swap is not among them.</summary>
    public IReadOnlyList<string>? Volumes { get; init; }

    public string? VolumeId { get; init; }

    public long? Bytes { get; init; }

    public long? Files { get; init; }
}

internal enum JournalEntryKind
{
    Prepared,
    VolumeComplete,

    /// <summary>The volume's device is being written over: until that is done there is no file system on it.</summary>
    VolumeOverwriting,
    VolumeOverwritten,

    /// <summary>The reconfiguration begins to change the volumes.</summary>
    Reconfiguring,
    Reconfigured,

    /// <summary>A sync begins.</summary>
    Synchronizing,
    VolumeSynchronized,
    Synchronized,
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
