namespace LinuxP2V.Agent.Storage;

/// <summary>
/// The files in which a volume's copy is remembered: a folder of its own beside the journal, on the copy's root volume.
/// It goes with the journal at the finish.
/// </summary>
/// <param name="folder">Created when first written to.</param>
internal sealed class VolumeRecord(string folder)
{
    public string Folder => folder;

    /// <summary>The source's list of files that the copy was made by; replaced when a pass over a newer one is complete.</summary>
    public string ManifestPath => Path.Combine(folder, "manifest.gz");

    /// <summary>The list that a pass is working by.</summary>
    public string NextManifestPath => Path.Combine(folder, "manifest.next.gz");

    /// <summary>Which parts of a copy by that list are on the disk, a line each.</summary>
    public string ProgressPath => Path.Combine(folder, "progress");

    /// <summary>NUL-ended paths with flags of chattr that the copy carries now: they are in the way of the next pass.</summary>
    public string FlagsPath => Path.Combine(folder, "flags");

    public void Create() => Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}
