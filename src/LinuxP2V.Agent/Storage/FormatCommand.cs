using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <param name="Program">The mkfs to run.</param>
/// <param name="Arguments">Its arguments, device included.</param>
internal sealed record FormatCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// Features that the file system should have, and no other ones; null where the source's are not known. Whether it has
    /// them is judged by what the tool made: its help does not list all that it can do.
    /// </summary>
    public IReadOnlyList<string>? Expected { get; init; }

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
