using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Tests.Support;

namespace LinuxP2V.Guest.Tests.BootLoaders;

public sealed class EfiLoadersTests
{
    [Fact]
    public void The_signed_loader_goes_before_GRUB_and_takes_it_along()
    {
        var files = GuestFiles.Tree(
            ("/boot/efi/EFI/redhat/shimx64.efi", "MZ"),
            ("/boot/efi/EFI/redhat/grubx64.efi", "MZ"),
            ("/boot/efi/EFI/redhat/mmx64.efi", "MZ"),
            ("/boot/efi/EFI/redhat/grub.cfg", ""),
            ("/boot/efi/EFI/Boot/fbx64.efi", "MZ")
        );
        var loader = Assert.Single(EfiLoaders.Find(files, "/boot/efi/EFI"));
        Assert.Equal(("redhat", "shimx64.efi", "\\EFI\\redhat\\shimx64.efi"), (loader.Vendor, loader.File, loader.FirmwarePath));
        Assert.Equal(["grubx64.efi", "mmx64.efi"], loader.Companions);
    }

    [Theory]
    [InlineData("debian", "GRUBX64.EFI")]
    [InlineData("systemd", "systemd-bootx64.efi")]
    public void A_loader_alone(string folder, string file)
    {
        var loader = Assert.Single(EfiLoaders.Find(GuestFiles.Tree(($"/boot/efi/EFI/{folder}/{file}", "MZ")), "/boot/efi/EFI"));
        Assert.Equal(file, loader.File);
        Assert.Empty(loader.Companions);
    }

    [Fact]
    public void Names_without_case()
    {
        Assert.Null(GuestFiles.Tree().FindIgnoringCase("/boot/efi", "EFI"));
        var files = GuestFiles.Tree(("/boot/efi/efi/Boot/bootx64.efi", "MZ"));
        Assert.Equal("/boot/efi/efi/Boot", files.FindIgnoringCase("/boot/efi/efi", "BOOT"));
        Assert.Equal("/boot/efi/efi/Boot/bootx64.efi", files.FindIgnoringCase("/boot/efi/efi/Boot", "BOOTX64.EFI"));
    }
}
