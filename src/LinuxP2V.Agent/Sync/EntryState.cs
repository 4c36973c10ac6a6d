namespace LinuxP2V.Agent.Sync;

/// <summary>What a pass knows of an entry of the new list compared with the copy: a state, and marks beside it.</summary>
[Flags]
internal enum EntryState : byte
{
    /// <summary>The copy does not have it.</summary>
    New = 0,

    /// <summary>As the copy has it.</summary>
    Same = 1,

    /// <summary>The same object with the same size and mtime, but its ctime moved: metadata, or contents with a mtime set back.</summary>
    Suspect = 2,

    /// <summary>The same object, with other contents.</summary>
    Modified = 3,

    /// <summary>Another object where the copy has one.</summary>
    Replaced = 4,

    /// <summary>The same object with the same size, but another mtime: contents, or a touch.</summary>
    Touched = 5,

    Verdict = 7,

    /// <summary>It had another name or another directory itself, not by way of a directory above it.</summary>
    Moved = 8,

    /// <summary>A directory in which names came or went: its times had to move.</summary>
    NamesMoved = 16,

    /// <summary>Mode, owner or group are others.</summary>
    MetadataDiffers = 32,

    /// <summary>
    /// Nothing says that it changed, but it was changed so shortly before the earlier list that a change after it
    /// would not show.
    /// </summary>
    Racy = 64,

    /// <summary>The number of its names changed, which moves the ctime too.</summary>
    LinksDiffer = 128,
}
