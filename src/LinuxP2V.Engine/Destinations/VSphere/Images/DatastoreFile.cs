namespace LinuxP2V.Engine.Destinations.VSphere.Images;

/// <summary>A file of the folder with helper images, as the datastore's browser shows it.</summary>
/// <param name="Length">In bytes.</param>
/// <param name="Modified">As the server writes it; empty where it does not.</param>
internal sealed record DatastoreFile(string Name, long Length, string Modified);
