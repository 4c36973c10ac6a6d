using System.Globalization;
using System.Security.Cryptography;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.Machines;

/// <summary>The source machine's disks as built, never booted themselves: each run has an overlay of its own.</summary>
/// <param name="Machine">The name of its recipe.</param>
public sealed record SourceImage(string Machine, string Folder, string KeyFile, string PasswordFile)
{
    public string Password => File.ReadAllText(PasswordFile).Trim();

    /// <summary>The machine of the demo, and of most tests.</summary>
    public const string Bios = "bios";

    /// <summary>The recipes that there are.</summary>
    public static IReadOnlyList<string> Machines { get; } =
    [
        .. Directory
            .EnumerateFiles(MachineRecipes, "*.sh")
            .Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The file of a recipe.</summary>
    public static string RecipeOf(string machine) => Path.Combine(MachineRecipes, machine + ".sh");

    public IReadOnlyList<string> Disks => [.. Directory.EnumerateFiles(Folder, "disk*.qcow2").Order(StringComparer.Ordinal)];

    public bool IsUefi => File.ReadAllText(Path.Combine(Folder, "firmware")).Trim() == "uefi";

    private static string MachineRecipes => Path.Combine(LabPaths.SourceRecipe, "machines");

    /// <summary>The disks from the cache, or built if the recipe is newer. About a minute from nothing.</summary>
    /// <param name="largeFileMB">What there is to copy beside the system: under TCG each 3 MB cost a second.</param>
    public static async Task<SourceImage> GetAsync(
        string machine,
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

        // A turn for each machine: most of a build is one program at a time, so that two builds take little longer than one.
        using var turn = await WaitForTurnAsync(Path.Combine(cache, $"lock-{machine}"), cancellationToken);
        var publicKey = (await File.ReadAllTextAsync(key + ".pub", cancellationToken)).Trim();
        var large = largeFileMB.ToString(CultureInfo.InvariantCulture);
        var folder = Path.Combine(cache, $"{machine}-{large}-{Recipe(machine, publicKey)}");
        var image = new SourceImage(machine, folder, key, password);
        if (!Directory.Exists(folder))
        {
            // An interrupt at the terminal reaches the script itself, which then unmounts what it mounted: never killed from here.
            var builder = Path.Combine(LabPaths.SourceRecipe, "build.sh");
            var result = await Command.RunAsync(
                "bash",
                [builder, machine, cache, folder, publicKey, large],
                CancellationToken.None,
                image.Password + "\n",
                output: log
            );
            result.OrThrow($"The source machine {machine} was not built");
        }

        return image;
    }

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

    /// <summary>Twelve characters that change with anything the disks are made of: all but the recipes of other machines.</summary>
    private static string Recipe(string machine, string publicKey)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(publicKey));
        var files = Directory
            .EnumerateFiles(LabPaths.SourceRecipe, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetDirectoryName(file) != MachineRecipes || Path.GetFileNameWithoutExtension(file) == machine)
            .Order(StringComparer.Ordinal);
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
