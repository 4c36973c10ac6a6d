namespace LinuxP2V.Bench.Data;

/// <summary>What happens to a server between two passes: one file of a hundred, most of them written anew.</summary>
internal sealed class Mutation(SmallFiles data)
{
    private readonly HashSet<int> touched = [];
    private readonly Filler filler = new(6);
    private readonly Random random = new(7);
    private int created;

    /// <summary>Each file is touched once in a run: what one pass deleted, the next cannot change.</summary>
    /// <returns>How many entries it changed.</returns>
    public int Apply(string folder)
    {
        var (count, noise) = (data.Files / 100, new byte[1 << 20]);
        for (var i = 0; i < count; i++)
        {
            int file;
            do file = random.Next(data.Files);
            while (!touched.Add(file));

            var path = SmallFiles.PathOf(folder, file);
            switch (i % 20)
            {
                case 0:
                    File.Delete(path);
                    break;
                case 1:
                    File.Move(path, path + ".renamed");
                    break;
                case 2:
                    File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
                    break;
                case 3:
                    SmallFiles.Write($"{path}.new{created++}", random, filler, noise);
                    break;
                default:
                    SmallFiles.Write(path, random, filler, noise);
                    break;
            }
        }

        return count;
    }
}
