using System.Globalization;
using System.Security.Cryptography;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.Machines;

/// <summary>The source machine's disks as built, never booted themselves: each run has an overlay of its own.</summary>
public sealed record SourceImage(LabFirmware Firmware, string Folder, string KeyFile, string PasswordFile)
{
    public string Password => File.ReadAllText(PasswordFile).Trim();

    public IReadOnlyList<string> Disks => [Path.Combine(Folder, "disk0.qcow2"), Path.Combine(Folder, "disk1.qcow2")];

    /// <summary>The disks from the cache, or built if the recipe is newer. About a minute from nothing.</summary>
    /// <param name="largeFileMB">What there is to copy beside the system: under TCG each 3 MB cost a second.</param>
    public static async Task<SourceImage> GetAsync(
        LabFirmware firmware,
        Action<string> log,
        CancellationToken cancellationToken,
        int largeFileMB = 200
    )
    {
        var cache = Directory.CreateDirectory(Path.Combine(LabPaths.Lab, "source")).FullName;
        var key = Path.Combine(cache, "id_ed25519");
        var password = Path.Combine(cache, "password");
        using (await WaitForTurnAsync(Path.Combine(cache, "lock"), cancellationToken))
            await MakeCredentialsAsync(key, password, cancellationToken);

        // A turn for each firmware: most of a build is one program at a time, so that two builds take little longer than one.
        var name = Name(firmware);
        using var turn = await WaitForTurnAsync(Path.Combine(cache, $"lock-{name}"), cancellationToken);
        var publicKey = (await File.ReadAllTextAsync(key + ".pub", cancellationToken)).Trim();
        var large = largeFileMB.ToString(CultureInfo.InvariantCulture);
        var folder = Path.Combine(cache, $"{name}-{large}-{Recipe(publicKey)}");
        var image = new SourceImage(firmware, folder, key, password);
        if (!Directory.Exists(folder))
        {
            // An interrupt at the terminal reaches the script itself, which then unmounts what it mounted: never killed from here.
            var builder = Path.Combine(LabPaths.SourceRecipe, "build.sh");
            var result = await Command.RunAsync(
                "bash",
                [builder, name, cache, folder, publicKey, large],
                CancellationToken.None,
                image.Password + "\n",
                output: log
            );
            result.OrThrow($"The {name} source machine was not built");
        }

        return image;
    }

    public static string Name(LabFirmware firmware) => firmware == LabFirmware.Bios ? "bios" : "uefi";

    private static async Task MakeCredentialsAsync(string key, string password, CancellationToken cancellationToken)
    {
        if (!File.Exists(key))
        {
            var result = await Command.RunAsync(
                "ssh-keygen",
                ["-q", "-t", "ed25519", "-N", "", "-C", "linuxp2v-lab", "-f", key],
                cancellationToken
            );
            result.OrThrow("The lab's key was not made");
        }

        if (!File.Exists(password))
        {
            await File.WriteAllTextAsync(password, RandomNumberGenerator.GetHexString(16, lowercase: true), cancellationToken);
            File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>Twelve characters that change with anything the disks are made of.</summary>
    private static string Recipe(string publicKey)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(publicKey));
        var files = Directory.EnumerateFiles(LabPaths.SourceRecipe, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        foreach (var file in files)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetRelativePath(LabPaths.SourceRecipe, file)));
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    private static async Task<FileStream> WaitForTurnAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(500, cancellationToken);
            }
        }
    }
}
