using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Tests.BootLoaders;

/// <summary>Conditions, order and settings of a GRUB menu decide which of its entries starts.</summary>
public sealed class GrubMenuLogicTests
{
    private const string Menu = "/boot/grub2/grub.cfg";

    /// <summary>What matters of the menu that Red Hat's tool makes.</summary>
    private const string RedHatMenu = """
        if [ -f ${config_directory}/grubenv ]; then
          load_env -f ${config_directory}/grubenv
        elif [ -s $prefix/grubenv ]; then
          load_env
        fi
        if [ "${next_entry}" ] ; then
           set default="${next_entry}"
        else
           set default="${saved_entry}"
        fi
        if [ x"${feature_menuentry_id}" = xy ]; then
          menuentry_id_option="--id"
        else
          menuentry_id_option=""
        fi
        if [ -n "${boot_counter}" -a "${boot_success}" = "0" ]; then
          if  [ "${boot_counter}" = "0" -o "${boot_counter}" = "-1" ]; then
            set default=1
            set boot_counter=-1
          else
            decrement boot_counter
          fi
          save_env boot_counter
        fi
        if [ -z "${kernelopts}" ]; then
          set kernelopts="root=UUID=of-the-menu ro"
        fi
        insmod blscfg
        blscfg
        if [ "$grub_platform" = "efi" ]; then
        menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
          fwsetup
        }
        fi
        if [ -f  ${config_directory}/custom.cfg ]; then
          source ${config_directory}/custom.cfg
        elif [ -z "${config_directory}" -a -f  $prefix/custom.cfg ]; then
          source $prefix/custom.cfg
        fi
        """;

    private static readonly (string, string)[] Entries =
    [
        ("/boot/loader/entries/id-4.18.0-80.el8.x86_64.conf", "title First\nlinux /vmlinuz-80\noptions $kernelopts\n"),
        ("/boot/loader/entries/id-4.18.0-80.11.2.el8_0.x86_64.conf", "title Update\nlinux /vmlinuz-80.11.2\noptions $kernelopts\n"),
        ("/boot/loader/entries/id-0-rescue.conf", "title Rescue\nlinux /vmlinuz-0-rescue\noptions $kernelopts\n"),
    ];

    [Theory]
    [InlineData("", "Update", "root=UUID=of-the-menu ro")]
    [InlineData("kernelopts=root=UUID=of-the-environment ro\n", "Update", "root=UUID=of-the-environment ro")]
    [InlineData("boot_success=0\n", "Update", "root=UUID=of-the-menu ro")]
    [InlineData("boot_success=0\nboot_counter=2\n", "Update", "root=UUID=of-the-menu ro")]
    [InlineData("boot_success=0\nboot_counter=0\n", "First", "root=UUID=of-the-menu ro")]
    [InlineData("boot_success=1\nboot_counter=0\n", "Update", "root=UUID=of-the-menu ro")]
    [InlineData("saved_entry=id-0-rescue\n", "Rescue", "root=UUID=of-the-menu ro")]
    [InlineData("saved_entry=id-0-rescue\nnext_entry=1\n", "First", "root=UUID=of-the-menu ro")]
    public void Red_Hats_menu(string environment, string name, string words)
    {
        foreach (var firmware in (Firmware[])[Firmware.Bios, Firmware.Uefi])
        {
            var entry = Read([(Menu, RedHatMenu), ("/boot/grub2/grubenv", environment), .. Entries], firmware).Default!;
            Assert.Equal((name, words), (entry.Name, entry.Words));
        }
    }

    [Fact]
    public void An_entry_of_the_other_firmware_is_not_in_the_menu()
    {
        (string, string)[] files = [(Menu, RedHatMenu), ("/boot/grub2/grubenv", "saved_entry=3\n"), .. Entries];
        Assert.Equal("UEFI Firmware Settings", Read(files, Firmware.Uefi).Default!.Name);
        var bios = Read(files, Firmware.Bios);
        Assert.Equal("Update", bios.Default!.Name);
        Assert.Contains("default entry 3 is not in it", bios.Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public void An_administrators_file_beside_the_menu_takes_part()
    {
        const string Custom = "set default=own\nmenuentry 'Own' --id own {\n linux /vmlinuz-own root=LABEL=x\n}\n";
        var entries = Read([(Menu, RedHatMenu), ("/boot/grub2/custom.cfg", Custom), .. Entries], Firmware.Bios);
        Assert.Equal(("Own", "/boot/grub2/custom.cfg"), (entries.Default!.Name, entries.Default.File));
        Assert.Equal(1, entries.All.Count(entry => entry.Name == "Own"));
    }

    [Theory]
    [InlineData("default=1")]
    [InlineData("set default=1")]
    [InlineData("default=\"${none}1\"\nset a=b")]
    [InlineData("if [ \"$a\" ]; then set default=0; elif [ -z \"$a\" ]; then set default=1; else set default=0; fi")]
    [InlineData("a=1\nif [ \"$a\" = 1 ]; then set default=1; elif [ -n \"$a\" ]; then set default=0; fi")]
    [InlineData("a=1\nif [ \"$a\" = 1 ]; then default=1; elif [ \"$b\" ]; then default=0; else default=0; fi")]
    [InlineData("set default=1\nif test -n \"$a\"; then default=0; fi")]
    [InlineData("a=1\nunset a\nif [ -z \"$a\" ]; then default=1; fi")]
    public void The_default_by_conditions(string commands)
    {
        var menu = $"{commands.Replace("${none}", "")}\nmenuentry 'a' {{\n linux /a\n}}\nmenuentry 'b' {{\n linux /b\n}}\n";
        Assert.Equal("b", Read([(Menu, menu)], Firmware.Bios).Default!.Name);
    }

    [Theory]
    [InlineData("menuentry 'a'{\n linux /a\n}\nmenuentry b{ linux /b; initrd /i;}")]
    [InlineData("menuentry 'a' {linux /a}\nmenuentry 'b' {linux /b ;initrd /i}")]
    [InlineData("function f{ linux /x\n}\nmenuentry a {\n linux /a\n}\nmenuentry b {\n if true; then\n linux /b\n initrd /i\n fi}")]
    public void Brackets_end_words(string menu)
    {
        var entry = Read([(Menu, $"set default=1\n{menu}\n")], Firmware.Bios).Default!;
        Assert.Equal(("b", "/b", "/i"), (entry.Name, entry.Kernel, Assert.Single(entry.Initrds)));
    }

    /// <summary>Ubuntu's images for clouds.</summary>
    [Fact]
    public void A_first_attempt_without_an_initramfs_is_followed_by_one_with_it()
    {
        const string Text = """
            if [ "${initrdfail}" = 2 ]; then
              set initrdfail=
            elif [ "${initrdfail}" = 1 ]; then
              set next_entry="${prev_entry}"
            fi
            menuentry 'Ubuntu' {
              if [ "${initrdfail}" = 1 ]; then
                linux /vmlinuz-6.5 root=PARTUUID=a ro
                initrd /initrd.img-6.5
              else
                linux /vmlinuz-6.5 root=PARTUUID=a ro panic=-1
              fi
              initrdfail
            }
            """;
        var entry = Read([(Menu, Text)], Firmware.Bios).Default!;
        Assert.Equal(("root=PARTUUID=a ro", "/initrd.img-6.5"), (entry.Words, Assert.Single(entry.Initrds)));
    }

    [Theory]
    [InlineData("[ $yes ]", true)]
    [InlineData("[ ! $yes ]", false)]
    [InlineData("[ $empty ]", false)]
    [InlineData("[ -n $yes -a $empty ]", false)]
    [InlineData("[ -n $unknown -a $empty ]", false)]
    [InlineData("[ -n $unknown -o -n $yes ]", true)]
    [InlineData("[ -n $unknown -o $empty ]", null)]
    [InlineData("[ x$yes = xy ]", true)]
    [InlineData("[ x$yes != xy ]", false)]
    [InlineData("[ x$unknown = xy ]", null)]
    [InlineData("[ -f /a ]", null)]
    [InlineData("[ ! -f /a -a $empty ]", false)]
    [InlineData("[ $yes -gt 5 ]", null)]
    [InlineData("[ $empty = $empty -a $yes == y ]", true)]
    [InlineData("test $yes", true)]
    [InlineData("loadfont x", null)]
    [InlineData("[", null)]
    [InlineData("[ ]", false)]
    [InlineData("[ -n ]", true)]
    [InlineData("[ $yes $yes ]", null)]
    public void A_condition(string words, bool? isTrue) =>
        Assert.Equal(
            isTrue,
            GrubCondition.Evaluate(
                words.Split(' '),
                word =>
                    word.Contains("$unknown", StringComparison.Ordinal)
                        ? null
                        : word.Replace("$yes", "y", StringComparison.Ordinal).Replace("$empty", "", StringComparison.Ordinal)
            )
        );

    private static BootEntries Read((string, string)[] files, Firmware firmware) =>
        GrubEntries.Read(GuestFiles.Tree(files), Menu, firmware);
}
