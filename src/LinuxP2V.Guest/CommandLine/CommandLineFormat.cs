using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>How a file holds the kernel's command line.</summary>
internal enum CommandLineFormat
{
    /// <summary>Nothing but words.</summary>
    Words,

    /// <summary>The options lines of a boot loader entry.</summary>
    Entry,

    /// <summary>grubenv.</summary>
    GrubEnvironment,

    /// <summary>Assignments of a shell, as in /etc/default/grub.</summary>
    Shell,

    /// <summary>dracut's configuration, which is bash.</summary>
    Dracut,

    /// <summary>ukify's uki.conf.</summary>
    UnifiedImage,

    /// <summary>APPEND lines of extlinux and syslinux.</summary>
    Extlinux,

    /// <summary>Menu entries that an administrator wrote for GRUB.</summary>
    GrubScript,
}

/// <summary>A file with its command line changed.</summary>
/// <param name="Words">The words that are left.</param>
/// <param name="Doubts">What in it only a shell or a person can tell.</param>
internal sealed record CommandLineChange(ChangedText Text, IReadOnlyList<string> Words, IReadOnlyList<string> Doubts);
