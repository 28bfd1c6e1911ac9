class Mattekit < Formula
  include Language::Python::Virtualenv

  desc "$short"
  homepage "$homepage"
  url "$base/$sdist"
  sha256 "$sdist_sha256"
  license "$license"

  depends_on "python@3.13"

  # Wheels of what it needs come from the package index: onnxruntime and imagecodecs cannot be built here.
  def install
    venv = virtualenv_create(libexec, "python3.13", without_pip: false)
    system venv.root/"bin/pip", "install", "--no-cache-dir", "#{buildpath}[batch,imageio,server]"
    bin.install_symlink venv.root/"bin/mattekit"
    generate_completions_from_executable(bin/"mattekit", "completion", shell_parameter_format: :arg)
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/mattekit --version")
    (testpath/"red.ppm").binwrite "P6\n64 64\n255\n#{"\xFF\x00\x00" * 4096}"
    system bin/"mattekit", "remove", "red.ppm", "-o", "red.png"
  end
end
