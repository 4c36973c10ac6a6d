using System.Globalization;
using LinuxP2V.Bench.Machine;

namespace LinuxP2V.Bench.Data;

/// <summary>
/// A tree like that of a server with mail, sources and packages: sizes around 4 kB with a long tail, links, some files with
/// attributes, access lists and owners of their own.
/// </summary>
internal sealed class SmallFiles(bool isQuick) : DataSet(isQuick)
{
    private const int FilesPerFolder = 80;
    private const int LargestBytes = 1 << 20;

    public int Files => IsQuick ? 20_000 : 200_000;

    public override long DataBytes => Files * 7_700L;

    public override long VolumeBytes => IsQuick ? 1L << 30 : 4L << 30;

    public override string Description =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Files} files of about 7 kB in folders of {FilesPerFolder}, with hard links, symbolic links, attributes and access lists"
        );

    public override async Task FillAsync(string folder, CancellationToken cancellationToken)
    {
        var filler = new Filler(4);
        var random = new Random(5);
        var noise = new byte[LargestBytes];
        for (var i = 0; i < Files; i++)
        {
            var path = PathOf(folder, i);
            if (i % FilesPerFolder == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            }

            Write(path, random, filler, noise);
        }

        await Shell.RunAsync(
            """
            cd "$1"
            # The names of one file in two folders; a symbolic link for each folder.
            cp -al top0000/sub0000 linked
            for folder in top*/sub*; do ln -s "../$folder" "$folder/self"; done
            find . -path '*0/file*7' -type f -print0 | xargs -0 -r setfattr -n user.note -v kept
            find . -path '*1/file*7' -type f -print0 | xargs -0 -r setfacl -m u:1234:r
            find . -path '*2/file*' -type f -print0 | xargs -0 -r chown 1000:1000
            """,
            [folder],
            cancellationToken
        );
    }

    /// <summary>A new file, or new contents of another size.</summary>
    public static void Write(string path, Random random, Filler filler, byte[] noise)
    {
        var bytes = Math.Min(LargestBytes, (int)Math.Exp(8.2 + (1.2 * Normal(random))));
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        if (random.Next(2) == 0)
        {
            file.Write(filler.Text(bytes));
            return;
        }

        Filler.Noise(noise.AsSpan(0, bytes));
        file.Write(noise, 0, bytes);
    }

    public static string PathOf(string folder, int file)
    {
        var number = file / FilesPerFolder;
        return Path.Combine(folder, Name("top", number / 50), Name("sub", number % 50), Name("file", file % FilesPerFolder));
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
