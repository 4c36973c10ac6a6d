namespace LinuxP2V.Guest.BootLoaders;

/// <summary>Something that a boot loader can start.</summary>
/// <param name="Name">As its menu shows it.</param>
/// <param name="File">The menu or entry file that says so.</param>
/// <param name="Device">Of the file system that its paths begin at, as <see cref="GrubPaths"/> names it; null for that of /boot.</param>
/// <param name="Kernel">Null where the entry starts no kernel that was understood.</param>
/// <param name="Words">The kernel's command line.</param>
internal sealed record BootEntry(string Name, string File, string? Device, string? Kernel, IReadOnlyList<string> Initrds, string Words)
{
    /// <summary>What in it could not be understood.</summary>
    public IReadOnlyList<string> Doubts { get; init; } = [];

    /// <summary>Path of a unified kernel image, which has kernel, initramfs and command line inside; null for any other entry.</summary>
    public string? UnifiedImage { get; init; }
}

/// <summary>Entries of a menu and which of them starts by itself.</summary>
/// <param name="Default">Null where there is none at all.</param>
/// <param name="Doubt">Why another entry could be the default one; null where it is certain.</param>
internal sealed record BootEntries(IReadOnlyList<BootEntry> All, BootEntry? Default, string? Doubt);
