using System.IO.Compression;

namespace LinuxP2V.Windows.Tests.Source;

/// <summary>
/// A whole machine for an sshd to play: the probe's real output in a VM with LVM, MBR, GPT and md, made one that can be
/// converted. Whoever asks anything else gets a shell.
/// </summary>
internal static class RecordedMachine
{
    public const string Name = "demo";

    private const string Marker = "@@vm";

    /// <summary>Not ASCII: each runtime decodes it.</summary>
    public const string OperatingSystem = "Debian GNU/Linux 12 (Bücherwurm) ✓";

    /// <summary>What the recorded machine had that no conversion takes, and what it takes instead.</summary>
    private static readonly (string Recorded, string Told)[] Changes =
    [
        ("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"", $"PRETTY_NAME=\"{OperatingSystem}\""),
        ("36 27 9:0 / /mirror rw,relatime - ext4 /dev/md0 rw\n", ""),
        ("37 27 253:4 / /secret rw,relatime - ext4 /dev/mapper/secret rw\n", ""),
        (
            $"{Marker} ip-link\n",
            $"{Marker} adapter ens192\naddress=52:54:00:12:34:56\noperstate=up\nmtu=1500\ntype=1\ncarrier=1\nflags=0x1003\n"
                + $"device=/sys/devices/pci0000:00/0000:00:03.0\ndriver=virtio_net\n\n{Marker} ip-link\n"
        ),
        ($"{Marker} ip-address\n", $"{Marker} ip-address\n2: ens192    inet 192.0.2.10/24 brd 192.0.2.255 scope global ens192\n"),
        ($"{Marker} initramfs-tools\n", $"{Marker} initramfs-tools\nmkinitramfs\nupdate-initramfs\n"),
        ("tar (busybox) 1.35.0\n", "tar (GNU tar) 1.34\n"),
        (
            "find: unrecognized: --version\nBusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary.\n\nUsage: find [-HL] [PATH]... [OPTIONS] [ACTIONS]\n",
            "find (GNU findutils) 4.9.0\n"
        ),
    ];

    /// <returns>The command for sshd's ForceCommand.</returns>
    public static async Task<string> WriteAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        var (record, answer) = (Path.Combine(folder, "record"), Path.Combine(folder, "answer.sh"));
        await File.WriteAllTextAsync(record, Read());
        // The probe comes on standard input, and names the marker of its sections in a line of its own. What else is asked for runs.
        await File.WriteAllTextAsync(
            answer,
            $$"""
            #!/bin/sh
            case $SSH_ORIGINAL_COMMAND in
              *'exec sh'*) ;;
              *) exec sh -c "$SSH_ORIGINAL_COMMAND" ;;
            esac
            script=$(mktemp)
            trap 'rm -f "$script"' EXIT
            cat > "$script"
            marker=$(sed -n '0,/^M=/s/^M=//p' "$script")
            if [ -n "$marker" ]; then
              sed "s/^{{Marker}} /$marker /" {{record}}
            else
              sh -c "$SSH_ORIGINAL_COMMAND" < "$script"
            fi

            """
        );
        File.SetUnixFileMode(answer, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return answer;
    }

    private static string Read()
    {
        using var stream = typeof(RecordedMachine).Assembly.GetManifestResourceStream("debian-lvm.txt.gz")!;
        using var unzipped = new GZipStream(stream, CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped);
        var text = reader.ReadToEnd();
        foreach (var (recorded, told) in Changes)
        {
            Assert.Contains(recorded, text, StringComparison.Ordinal);
            text = text.Replace(recorded, told, StringComparison.Ordinal);
        }

        return text;
    }
}
