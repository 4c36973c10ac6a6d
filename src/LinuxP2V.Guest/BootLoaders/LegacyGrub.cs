using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>GRUB 1, which Red Hat had up to release 6 and SUSE up to 11.</summary>
internal static class LegacyGrub
{
    /// <param name="menu">Its menu.</param>
    public static void Refuse(GuestContext context, string menu) =>
        context.Fail(
            ErrorIds.BootLoaderNotSupported,
            menu,
            $"The machine boots with GRUB 1 ({menu}), which LinuxP2V does not set up in a copy.",
            "Install GRUB 2 on the source where its distribution has it. Red Hat Enterprise Linux 6 and SUSE Linux Enterprise 11 have "
                + "none: move their services to a newer release, or copy with -SkipReconfiguration and make the copy boot from a rescue "
                + "system."
        );
}
