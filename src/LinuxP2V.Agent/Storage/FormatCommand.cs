using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <param name="Program">The mkfs to run.</param>
/// <param name="Arguments">Its arguments, device included.</param>
/// <param name="Ignored">Features of the source that the helper's tool cannot make.</param>
internal sealed record FormatCommand(string Program, IReadOnlyList<string> Arguments, IReadOnlyList<string> Ignored)
{
    /// <summary>A second command on the finished file system, such as tune2fs; null where none is needed.</summary>
    public FormatCommand? Then { get; init; }
}

/// <param name="Volume">What to make.</param>
/// <param name="Device">The block device.</param>
/// <param name="SizeBytes">The device's size.</param>
internal sealed record FormatJob(TargetVolume Volume, string Device, long SizeBytes)
{
    public FileSystemSpec Spec => Volume.FileSystem;
}
