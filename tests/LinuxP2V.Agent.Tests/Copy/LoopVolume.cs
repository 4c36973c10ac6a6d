using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>A real file system in an image file, mounted.</summary>
public sealed class LoopVolume : IDisposable
{
    private readonly string folder;

    public LoopVolume(int megabytes = 64, string make = "mkfs.ext4 -q -F", FileSystemKind kind = FileSystemKind.Ext4)
    {
        Kind = kind;
        folder = Directory.CreateTempSubdirectory("p2v-vol-").FullName;
        Directory.CreateDirectory(MountPoint);
        Shell.Run($"truncate -s {megabytes}M {folder}/image; {make} {folder}/image >/dev/null; mount -o loop {folder}/image {MountPoint}");
    }

    public FileSystemKind Kind { get; }

    public string MountPoint => Path.Combine(folder, "mnt");

    internal TargetVolume Describe(params string[] excluded) => new()
    {
        Id = MountPoint,
        Device = DeviceReference.OnDisk(0, 1),
        FileSystem = new FileSystemSpec { Kind = Kind },
        MountPoint = MountPoint,
        SourceDevice = "/dev/sda1",
        UsedBytes = 1_000_000,
        UsedInodes = 10,
        ExcludedPaths = excluded,
    };

    /// <summary>A line for each file, from tools that are not the agent's.</summary>
    public string Fingerprint(bool attributes = true) => FingerprintOf(MountPoint, attributes);

    /// <inheritdoc cref="Fingerprint"/>
    internal static string FingerprintOf(string folder, bool attributes = true) => Shell.Run($$"""
        find . -xdev ! -path './lost+found*' -printf '%p\0' | sort -z | while IFS= read -r -d '' f; do
          printf '%q ' "$f"
          if [ -d "$f" ] && ! [ -L "$f" ]; then find "$f" -maxdepth 0 -printf '%y %m %U %G %T@'
          else find "$f" -maxdepth 0 -printf '%y %m %U %G %n %s %T@ %l'; fi
          case $(stat -c %F -- "$f") in
            regular*) printf ' %s' "$(sha256sum < "$f")" ;;
            *special*) printf ' %s' "$(stat -c %t:%T -- "$f")" ;;
          esac
          {{(attributes ? "" : ": ||")}} getfattr -h -d -m - -e hex -- "$f" 2>/dev/null | sed 1d | sort | tr '\n' ' '
          if ! [ -L "$f" ] && { [ -f "$f" ] || [ -d "$f" ]; }; then {{(attributes ? "lsattr -d -- \"$f\" | head -1 | cut -d' ' -f1 | tr -d 'eI-'" : ":")}}; fi
          echo
        done
        """, folder);

    public void Dispose()
    {
        Shell.Try($"chattr -R -f -ia {MountPoint}");
        Shell.Run($"umount -R {MountPoint}");
        Directory.Delete(folder, recursive: true);
    }
}
